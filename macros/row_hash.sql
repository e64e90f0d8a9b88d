{#-
    A hash of a row's columns, to know what changed. The columns' names are part of it, so that a
    renamed or moved column counts as a change; null and '' differ. `also` names columns that count
    only where they hold something: as long as they are empty, the hash is the same without them.
-#}
{% macro row_hash(columns, also=[]) -%}
    {{ return(adapter.dispatch('row_hash')(columns, also)) }}
{%- endmacro %}

{% macro default__row_hash(columns, also=[]) -%}
    md5(concat_ws(chr(31), '{{ local_md5(columns | join(",")) }}'
        {%- for column in columns -%}
        , coalesce("{{ column }}"::varchar, chr(0))
        {%- endfor -%}
        {%- for column in also -%}
        , "{{ column }}"::varchar
        {%- endfor -%}
    ))
{%- endmacro %}
