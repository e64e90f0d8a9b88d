with source as (
    select
        practice,
        note_id,
        number,
        file_name,
        path,
        bytes,
        sha256,
        why
    from {{ source('raw_dental_exec', 'note_images') }}
),

final as (
    select
        practice as _practice,
        {{ id_or_null('note_id') }} as note_id,
        number,
        file_name,
        path,
        bytes,
        sha256,
        why
    from source
)

select * from final
