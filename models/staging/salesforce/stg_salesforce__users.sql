with source as (
    select
        id,
        username,
        email,
        name,
        is_active
    from {{ source('raw_salesforce', 'users') }}
),

final as (
    select
        id,
        username,
        lower({{ clean_text('email') }}) as email,
        name,
        coalesce({{ parse_flag('is_active') }}, false) as is_active
    from source
)

select * from final
