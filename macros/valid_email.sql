{#-
    An e-mail address in lower case, where Salesforce takes it; else null. Its rules: before the @
    letters, digits and most marks, dots only between them; behind it dotted names of letters,
    digits and inner hyphens.
-#}
{% macro valid_email(x) -%}
    {{ return(adapter.dispatch('valid_email')(x)) }}
{%- endmacro %}

{% macro default__valid_email(x) -%}
    {%- set email = "lower(" ~ clean_text(x) ~ ")" -%}
    {%- set atom -%} [a-z0-9!#$%&''*+/=?^_`{|}~-]+ {%- endset -%}
    {%- set label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?' -%}
    case
        when regexp_full_match({{ email }}, '{{ atom }}([.]{{ atom }})*@({{ label }}[.])+[a-z]{2,63}')
            and position('@' in {{ email }}) <= 65
            then {{ email }}
    end
{%- endmacro %}
