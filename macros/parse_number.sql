{#-
    A number as people write amounts (see parse_money), with up to nine digits behind the point.
    Null where it is blank, cannot be read or does not fit.
-#}
{% macro parse_number(x) -%}
    {{ return(adapter.dispatch('parse_number')(x)) }}
{%- endmacro %}

{% macro default__parse_number(x) -%}
    case
        when {{ is_amount(x) }} then try_cast(
            case when regexp_matches({{ x }}, '[-(]') then '-' else '' end
            || regexp_replace({{ x }}, '[^0-9.]', '', 'g') as decimal(28, 9)
        )
    end
{%- endmacro %}
