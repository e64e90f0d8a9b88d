{#-
    Problems of rows that make no record, in the shape of the correction report, from a relation of
    `_practice`, `_file`, `_line`, `object`, `key` and one problem a row, `found`.
-#}
{% macro loose_problems(relation) -%}
    select
        _practice as practice,
        coalesce(found.file, _file) as file,
        coalesce(found.line, _line) as line,
        object,
        key,
        found.field as field,
        found.class as class,
        found.held_back as held_back,
        found."value" as "value",
        found.action as action
    from {{ relation }}
{%- endmacro %}
