with source as (
    select
        defid,
        descript,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'appt_status') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ clean_text('defid') }} as defid,
        {{ clean_text('descript') }} as description
    from source
)

select * from final
