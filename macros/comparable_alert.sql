{#-
    An alert's name for comparing: lower case, single blanks, and a comma for the semicolon that
    Salesforce keeps for parting values. Null where nothing is left.
-#}
{% macro comparable_alert(x) -%}
    {{ return(adapter.dispatch('comparable_alert')(x)) }}
{%- endmacro %}

{% macro default__comparable_alert(x) -%}
    regexp_replace(replace(lower({{ clean_text(x) }}), ';', ','), '[\s\p{Z}]+', ' ', 'g')
{%- endmacro %}
