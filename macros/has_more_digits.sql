{#- Whether a number, given as text, has more digits before the point than `digits`. -#}
{% macro has_more_digits(x, digits) -%}
    {{ return(adapter.dispatch('has_more_digits')(x, digits)) }}
{%- endmacro %}

{% macro default__has_more_digits(x, digits) -%}
    abs(try_cast({{ x }} as double)) >= 10.0 ** coalesce({{ digits }}, 18)
{%- endmacro %}
