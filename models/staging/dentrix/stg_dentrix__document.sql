with source as (
    select
        docid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'document') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('docid') }} as docid,
        {{ no_problems() }} as _found
    from source
)

select * from final
