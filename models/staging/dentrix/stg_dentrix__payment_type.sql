with source as (
    select
        def_id,
        descript,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'payment_type') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('def_id') }} as type_id,
        {{ clean_text('descript') }} as description
    from source
)

select * from final
