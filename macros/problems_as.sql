{#-
    Of the problems a staging model found, those of the columns that `fields` names, each under the
    Salesforce field it maps to: for source rows of which more than one record is made. Those of the
    fields in `held` hold their record back.
-#}
{% macro problems_as(found, fields, held=[]) -%}
    {{ return(adapter.dispatch('problems_as')(found, fields, held)) }}
{%- endmacro %}

{% macro default__problems_as(found, fields, held=[]) -%}
    list_transform(
        list_filter({{ found }}, lambda x: x.field in ('{{ fields.keys() | join("', '") }}')),
        lambda x: struct_pack(
            field := case x.field
                {%- for column, field in fields.items() %}
                when '{{ column }}' then '{{ field }}'
                {%- endfor %}
            end,
            class := x.class,
            "value" := x."value",
            held_back := x.held_back
                {%- for column, field in fields.items() if field in held %} or x.field = '{{ column }}'{% endfor %},
            action := x.action,
            file := x.file,
            line := x.line
        )
    )
{%- endmacro %}
