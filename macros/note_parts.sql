{#-
    The parts of notes that are longer than Salesforce's longest text: `_practice`, `note_id`,
    `part` from 1, `body`; joined they are the note. Nothing of a note that is not longer. `notes`
    is a relation of `_practice`, `note_id` and `note`.
-#}
{% macro note_parts(notes) -%}
    {#- Salesforce's longest text, and how much of it a part may take: see the rules on notes. -#}
    {%- set longest = 32768 -%}
    {%- set longest_part = 32000 -%}
    with recursive long_notes as (
        select
            _practice,
            note_id,
            note
        from {{ notes }}
        -- No character has more than two units, and characters are quicker to count.
        where length(note) > {{ longest // 2 }} and {{ utf16_length('note') }} > {{ longest }}
    ),

    parts (_practice, note_id, part, body, rest) as (
        select
            _practice,
            note_id,
            0 as part,
            null::varchar as body,
            note as rest
        from long_notes
        union all
        select
            _practice,
            note_id,
            part + 1 as part,
            body,
            substr(rest, length(body) + 1) as rest
        from (
            select
                _practice,
                note_id,
                part,
                rest,
                case
                    when {{ utf16_length('rest') }} <= {{ longest_part }} then rest
                    else {{ leading_part('rest', longest_part) }}
                end as body
            from parts
            where rest != ''
        ) as cut
    )

    select
        _practice,
        note_id,
        part,
        body
    from parts
    where part > 0
{%- endmacro %}
