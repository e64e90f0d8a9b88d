{#- The date of a date or time column; null where parse_timestamp gives null. -#}
{% macro parse_date(x, birth=false, today='current_date', read=none) -%}
    {{ return(adapter.dispatch('parse_date')(x, birth, today, read)) }}
{%- endmacro %}

{% macro default__parse_date(x, birth=false, today='current_date', read=none) -%}
    ({{ parse_timestamp(x, birth, today, read=read) }})::date
{%- endmacro %}
