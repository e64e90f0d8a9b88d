{#- A whole number: `3`, `-106`, `1,234`, `3.00`. Null where it is blank or cannot be read. -#}
{% macro parse_integer(x) -%}
    {{ return(adapter.dispatch('parse_integer')(x)) }}
{%- endmacro %}

{% macro default__parse_integer(x) -%}
    case
        {#- Nearly all are written plainly. #}
        when regexp_full_match({{ x }}, '-?[0-9]+') then try_cast({{ x }} as integer)
        when regexp_full_match({{ x }}, '\s*[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.]0*)?\s*')
            then try_cast(regexp_replace(regexp_replace({{ x }}, '[.]0*\s*$', ''), '[\s,+]', '', 'g') as integer)
    end
{%- endmacro %}
