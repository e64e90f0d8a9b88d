{#-
    A hash of a row's columns, to know what changed. The columns' names are part of it, so that a
    renamed or moved column counts as a change; null and '' differ.
-#}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash')(columns)) }}
{%- endmacro %}

{% macro default__row_hash(columns) -%}
    md5(concat_ws(chr(31), '{{ local_md5(columns | join(",")) }}'
        {%- for column in columns -%}
        , coalesce("{{ column }}"::varchar, chr(0))
        {%- endfor -%}
    ))
{%- endmacro %}
