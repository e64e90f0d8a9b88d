{#-
    What is found wrong with a row, as one type everywhere: the Salesforce field it touches (null:
    the whole row), the class, the raw value, whether the row is held back, what to do, and the
    line of the source where to do it (null: the row's own).
-#}
{% macro problem_type() -%}
    struct(field varchar, class varchar, "value" varchar, held_back boolean, action varchar, file varchar, line bigint)
{%- endmacro %}

{% macro problem(class, field=none, value='null', held_back=false, action=none, file='null', line='null') -%}
    struct_pack(
        field := {{ "'" ~ field ~ "'" if field else 'null::varchar' }},
        class := '{{ class }}',
        "value" := ({{ value }})::varchar,
        held_back := {{ held_back }},
        action := '{{ (action or problem_action(class)) | replace("'", "''") }}',
        file := ({{ file }})::varchar,
        line := ({{ line }})::bigint
    )
{%- endmacro %}

{#- The list of those problems whose condition holds: pairs of (condition, problem). -#}
{% macro problems(pairs) -%}
    list_filter([
        {%- for condition, found in pairs %}
        case when {{ condition }} then {{ found }} end{{ "," if not loop.last }}
        {%- endfor %}
    ]::{{ problem_type() }}[], lambda x: x is not null)
{%- endmacro %}

{% macro no_problems() -%}
    []::{{ problem_type() }}[]
{%- endmacro %}
