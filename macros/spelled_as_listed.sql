{#- A word as a list spells it, found without regard to case; null where it is not on the list. -#}
{% macro spelled_as_listed(word, listed) -%}
    {{ return(adapter.dispatch('spelled_as_listed')(word, listed)) }}
{%- endmacro %}

{% macro default__spelled_as_listed(word, listed) -%}
    list_filter({{ listed }}, lambda x: lower(x) = lower({{ word }}))[1]
{%- endmacro %}
