with source as (
    select
        apptid,
        patid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'appt') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('apptid') }} as apptid,
        {{ id_or_null('patid') }} as patid,
        {{ no_problems() }} as _found
    from source
)

select * from final
