{#-
    Whether a text is a number as people and spreadsheets write amounts: see parse_money. `whole`:
    and nothing stands behind the point but zeros.
-#}
{% macro is_amount(x, whole=false) -%}
    {{ return(adapter.dispatch('is_amount')(x, whole)) }}
{%- endmacro %}

{% macro default__is_amount(x, whole=false) -%}
    {%- set number -%} ([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?([.]{{ '0' if whole else '[0-9]' }}*)? {%- endset -%}
    {%- set signed -%} [-+]?\s*[$]?\s*{{ number }}|[$]\s*-\s*{{ number }} {%- endset -%}
    {%- set minus_behind -%} [$]?\s*{{ number }}\s*- {%- endset -%}
    {%- set in_brackets -%} [$]?\s*[(]\s*[$]?\s*{{ number }}\s*[)] {%- endset -%}
    (
        regexp_matches({{ x }}, '[0-9]')
        and regexp_full_match({{ x }}, '\s*({{ signed }}|{{ minus_behind }}|{{ in_brackets }})\s*')
    )
{%- endmacro %}
