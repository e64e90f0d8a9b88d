with source as (
    select
        id,
        name,
        billing_postal_code,
        account_kind,
        migration_key
    from {{ source('raw_salesforce', 'accounts') }}
),

final as (
    select
        id,
        {{ clean_text('name') }} as name,
        {{ clean_text('billing_postal_code') }} as billing_postal_code,
        {{ clean_text('account_kind') }} as account_kind,
        {{ clean_text('migration_key') }} as migration_key
    from source
)

select * from final
