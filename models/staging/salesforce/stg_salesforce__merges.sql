with source as (
    select
        merged_key,
        survivor_key
    from {{ source('raw_salesforce', 'merges') }}
),

final as (
    select * from source
)

select * from final
