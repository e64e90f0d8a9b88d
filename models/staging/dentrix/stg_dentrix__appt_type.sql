with source as (
    select
        defid,
        descript,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'appt_type') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('defid') }} as defid,
        {{ clean_text('descript') }} as description
    from source
)

select * from final
