with source as (
    select
        practice,
        doc_id,
        status,
        bytes,
        sha256,
        path,
        why
    from {{ source('raw_dental_exec', 'doc_files') }}
),

final as (
    select
        practice as _practice,
        {{ id_or_null('doc_id') }} as doc_id,
        status,
        bytes,
        sha256,
        path,
        why
    from source
)

select * from final
