{#-
    A code or phrase as its words: `PAYMENT_INSURANCE` and `Payment - Insurance` are both
    `payment insurance`. Null where there is no letter or digit.
-#}
{% macro words_of(x) -%}
    {{ return(adapter.dispatch('words_of')(x)) }}
{%- endmacro %}

{% macro default__words_of(x) -%}
    nullif(trim(regexp_replace(lower({{ x }}), '[^\p{L}\p{N}]+', ' ', 'g')), '')
{%- endmacro %}
