{#-
    A person's name for comparing: lower case, without accents and punctuation, single blanks
    between its words. Null where nothing is left.
-#}
{% macro normalised_name(x) -%}
    {{ return(adapter.dispatch('normalised_name')(x)) }}
{%- endmacro %}

{% macro default__normalised_name(x) -%}
    nullif(trim(regexp_replace(
        regexp_replace(strip_accents(lower({{ x }})), '[^\p{L}\p{N}\s]', '', 'g'), '\s+', ' ', 'g'
    )), '')
{%- endmacro %}
