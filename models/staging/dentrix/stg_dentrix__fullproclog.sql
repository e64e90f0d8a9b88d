with source as (
    select
        procid,
        patid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'fullproclog') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('procid') }} as procid,
        {{ id_or_null('patid') }} as patid,
        {{ no_problems() }} as _found
    from source
)

select * from final
