with source as (
    select
        practice,
        set_id,
        system,
        table_name,
        file,
        encoding,
        delimiter,
        rows_in_file,
        landed,
        rejected,
        trailer_count,
        control_characters,
        status,
        note
    from {{ source('raw_migration', 'files') }}
),

final as (
    select * from source
)

select * from final
