with source as (
    select
        op_id,
        op_title,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'operatory') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('op_id') }} as operatory_id,
        {{ clean_text('op_title') }} as title
    from source
)

select * from final
