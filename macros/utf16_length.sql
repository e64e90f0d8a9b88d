{#- The length of a text as Salesforce counts it: in UTF-16 units, so that most emoji are two. -#}
{% macro utf16_length(x) -%}
    {{ return(adapter.dispatch('utf16_length')(x)) }}
{%- endmacro %}

{% macro default__utf16_length(x) -%}
    case
        {#- All ASCII, as nearly always: one byte, one character. #}
        when strlen({{ x }}) = length({{ x }}) then length({{ x }})
        else length({{ x }}) + length(regexp_replace({{ x }}, '[^\x{10000}-\x{10FFFF}]', '', 'g'))
    end
{%- endmacro %}
