with source as (
    select
        cnotesid,
        patid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'clinicalnote') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('cnotesid') }} as cnotesid,
        {{ id_or_null('patid') }} as patid,
        {{ no_problems() }} as _found
    from source
)

select * from final
