{#- A time as the loader reads it back out of text, whatever the engine's own spelling. -#}
{% macro timestamp_text(x) -%}
    {{ return(adapter.dispatch('timestamp_text')(x)) }}
{%- endmacro %}

{% macro default__timestamp_text(x) -%}
    strftime({{ x }}, '%Y-%m-%d %H:%M:%S')
{%- endmacro %}
