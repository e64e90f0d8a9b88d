{#- Values as the loader reads them back out of text, whatever the engine's own spelling. -#}
{% macro date_text(x) -%}
    {{ return(adapter.dispatch('date_text')(x)) }}
{%- endmacro %}

{% macro default__date_text(x) -%}
    strftime({{ x }}, '%Y-%m-%d')
{%- endmacro %}

{% macro timestamp_text(x) -%}
    {{ return(adapter.dispatch('timestamp_text')(x)) }}
{%- endmacro %}

{% macro default__timestamp_text(x) -%}
    strftime({{ x }}, '%Y-%m-%d %H:%M:%S')
{%- endmacro %}

{% macro flag_text(x) -%}
    case {{ x }} when true then 'true' when false then 'false' end
{%- endmacro %}
