with source as (
    select
        practice,
        set_id,
        system,
        table_name,
        column_name,
        known,
        present
    from {{ source('raw_migration', 'columns') }}
),

final as (
    select * from source
)

select * from final
