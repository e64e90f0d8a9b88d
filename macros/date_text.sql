{#- A date as the loader reads it back out of text, whatever the engine's own spelling. -#}
{% macro date_text(x) -%}
    {{ return(adapter.dispatch('date_text')(x)) }}
{%- endmacro %}

{% macro default__date_text(x) -%}
    strftime({{ x }}, '%Y-%m-%d')
{%- endmacro %}
