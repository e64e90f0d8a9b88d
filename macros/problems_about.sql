{#-
    The same problems under other names of fields: `fields` maps a field's name to another, for two
    objects that are filled from one row.
-#}
{% macro problems_about(found, fields) -%}
    list_transform({{ found }}, lambda x: struct_pack(
        field := case x.field
            {%- for one, other in fields.items() %}
            when '{{ one }}' then '{{ other }}'
            {%- endfor %}
            else x.field
        end,
        class := x.class,
        "value" := x."value",
        held_back := x.held_back,
        action := x.action,
        file := x.file,
        line := x.line
    ))
{%- endmacro %}
