with notes as (
    select
        _practice,
        note_id,
        note
    from {{ ref('int_dental_exec__note_rows') }}
),

final as (
    {{ note_parts('notes') }}
)

select * from final
