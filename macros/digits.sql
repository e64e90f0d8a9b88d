{#- The digits of a text, in their order. -#}
{% macro digits(x) -%}
    {{ return(adapter.dispatch('digits')(x)) }}
{%- endmacro %}

{% macro default__digits(x) -%}
    regexp_replace({{ x }}, '[^0-9]', '', 'g')
{%- endmacro %}
