with source as (
    select
        practice,
        step,
        key,
        api_name,
        value,
        file,
        line
    from {{ source('raw_migration', 'custom_values') }}
),

final as (
    select
        practice as _practice,
        file as _file,
        line as _line,
        step,
        key,
        api_name,
        value as written,
        {{ clean_text('value') }} as trimmed,
        {{ read_timestamp('value') }} as value_read
    from source
)

select * from final
