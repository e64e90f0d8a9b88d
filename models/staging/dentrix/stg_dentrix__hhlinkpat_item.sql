with source as (
    select
        linkid,
        patid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'hhlinkpat_item') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('linkid') }} as linkid,
        {{ id_or_null('patid') }} as patid,
        {{ no_problems() }} as _found
    from source
)

select * from final
