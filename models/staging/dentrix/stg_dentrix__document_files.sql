with source as (
    select
        docid,
        path,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'document_files') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('docid') }} as docid,
        {{ clean_text('path') }} as path,
        {{ no_problems() }} as _found
    from source
)

select * from final
