with source as (
    select
        practice,
        set_id,
        system,
        table_name,
        file,
        line,
        class,
        reason,
        key
    from {{ source('raw_migration', 'rejects') }}
),

final as (
    select * from source
)

select * from final
