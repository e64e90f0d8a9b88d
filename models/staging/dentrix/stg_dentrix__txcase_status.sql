with source as (
    select
        defid,
        descript,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'txcase_status') }}
),

-- A status may have the number 0, so it is no "none" here.
final as (
    select
        _practice,
        _file,
        _line,
        {{ clean_text('defid') }} as status_id,
        {{ clean_text('descript') }} as description
    from source
)

select * from final
