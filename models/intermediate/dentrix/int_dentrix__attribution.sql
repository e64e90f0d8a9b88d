with providers as (
    select * from {{ ref('int_dentrix__providers') }}
    where kind = 'provider' and skipped_because is null
),

final as (
    select
        _practice,
        source_id as provider_id,
        user_id as provider_user_id,
        case when user_id is null then contact_key end as provider_contact_key
    from providers
)

select * from final
