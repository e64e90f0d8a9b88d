{#- Whether a whole text matches a regular expression. -#}
{% macro fully_matches(text, pattern) -%}
    {{ return(adapter.dispatch('fully_matches')(text, pattern)) }}
{%- endmacro %}

{% macro default__fully_matches(text, pattern) -%}
    regexp_full_match({{ text }}, {{ pattern }})
{%- endmacro %}
