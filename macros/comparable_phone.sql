{#-
    A phone's digits for comparing people: no extension, no country code of 1. Null where it is no
    number that could belong to someone: under seven digits, or one digit repeated.
-#}
{% macro comparable_phone(x) -%}
    {{ return(adapter.dispatch('comparable_phone')(x)) }}
{%- endmacro %}

{% macro default__comparable_phone(x) -%}
    {%- set number = digits("split_part(lower(" ~ x ~ "), 'x', 1)") -%}
    case
        when length({{ number }}) < 7 then null
        when replace({{ number }}, left({{ number }}, 1), '') = '' then null
        when length({{ number }}) = 11 and left({{ number }}, 1) = '1' then substr({{ number }}, 2)
        else {{ number }}
    end
{%- endmacro %}
