{#- Whether two lists have an element in common. -#}
{% macro lists_overlap(a, b) -%}
    {{ return(adapter.dispatch('lists_overlap')(a, b)) }}
{%- endmacro %}

{% macro default__lists_overlap(a, b) -%}
    list_has_any({{ a }}, {{ b }})
{%- endmacro %}
