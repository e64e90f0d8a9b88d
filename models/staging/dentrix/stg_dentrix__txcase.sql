with source as (
    select
        txcaseid,
        patid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'txcase') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('txcaseid') }} as txcaseid,
        {{ id_or_null('patid') }} as patid,
        {{ no_problems() }} as _found
    from source
)

select * from final
