{#- Whether two texts differ by one letter added, left out or changed, or by two neighbours swapped. -#}
{% macro one_edit_apart(a, b) -%}
    {{ return(adapter.dispatch('one_edit_apart')(a, b)) }}
{%- endmacro %}

{% macro default__one_edit_apart(a, b) -%}
    (abs(length({{ a }}) - length({{ b }})) <= 1 and damerau_levenshtein({{ a }}, {{ b }}) = 1)
{%- endmacro %}
