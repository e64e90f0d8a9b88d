{#-
    An amount in dollars: `1,234.50`, `$45`, `(45.00)`, `-45`, `45-`. Null where it is blank,
    cannot be read or does not fit; see number_problems. What is finer than a cent is rounded.
-#}
{% macro parse_money(x) -%}
    {{ return(adapter.dispatch('parse_money')(x)) }}
{%- endmacro %}

{% macro default__parse_money(x) -%}
    case
        {#- Nearly all are written plainly. #}
        when regexp_full_match({{ x }}, '-?[0-9]+[.][0-9]{2}') then try_cast({{ x }} as decimal(16, 2))
        when {{ is_amount(x) }} then try_cast(
            case when regexp_matches({{ x }}, '[-(]') then '-' else '' end
            || regexp_replace({{ x }}, '[^0-9.]', '', 'g') as decimal(16, 2)
        )
    end
{%- endmacro %}
