{#- A source's id as trimmed text; null where it is blank or `0`, which says "no row". -#}
{% macro id_or_null(x) -%}
    {{ return(adapter.dispatch('id_or_null')(x)) }}
{%- endmacro %}

{% macro default__id_or_null(x) -%}
    nullif({{ clean_text(x) }}, '0')
{%- endmacro %}
