with source as (
    select
        practice,
        note_id,
        "text",
        lost
    from {{ source('raw_dental_exec', 'note_texts') }}
),

final as (
    select
        practice as _practice,
        {{ id_or_null('note_id') }} as note_id,
        {{ clean_text('"text"') }} as note,
        coalesce(starts_with(lost, 'all of it'), false) as is_unread,
        -- Images that could not be read are rows of their own, and say so themselves.
        nullif(regexp_replace(lost, '^[0-9]+ images(; )?|; [0-9]+ images', ''), '') as lost
    from source
)

select * from final
