{#-
    The problems of a record's custom fields, gathered over its cells: columns api_name, class
    (null: in order), written, _file and _line.
-#}
{% macro custom_problems() -%}
    {{ return(adapter.dispatch('custom_problems')()) }}
{%- endmacro %}

{% macro default__custom_problems() -%}
    {%- set classes = [
        'unreadable_date', 'unreadable_number', 'out_of_range', 'invalid_code', 'invalid_email',
        'not_in_picklist', 'too_long',
    ] -%}
    list(
        struct_pack(
            field := api_name::varchar,
            class := class::varchar,
            "value" := written::varchar,
            held_back := false,
            action := case class
                {%- for class in classes %}
                when '{{ class }}' then '{{ problem_action(class) | replace("'", "''") }}'
                {%- endfor %}
            end,
            file := _file::varchar,
            line := _line::bigint
        ) order by api_name, _file, _line
    ) filter (where class is not null)
{%- endmacro %}
