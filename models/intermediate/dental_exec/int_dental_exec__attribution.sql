with providers as (
    select * from {{ ref('int_dental_exec__providers') }}
    where skipped_because is null
),

final as (
    select
        _practice,
        provider_id,
        contact_key as provider_contact_key
    from providers
)

select * from final
