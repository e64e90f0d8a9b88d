{#-
    A rate in percent: `93.5%` as it stands; without the sign a number up to 2 is a ratio, so that
    `0.935` is 93.5. Null where it is blank or cannot be read.
-#}
{% macro parse_percent(x) -%}
    {{ return(adapter.dispatch('parse_percent')(x)) }}
{%- endmacro %}

{% macro default__parse_percent(x) -%}
    {%- set number -%}
        try_cast(
            case when regexp_matches({{ x }}, '[-(]') then '-' else '' end
            || regexp_replace({{ x }}, '[^0-9.]', '', 'g') as decimal(18, 6)
        )
    {%- endset -%}
    case
        when contains({{ x }}, '%') and {{ is_amount("replace(" ~ x ~ ", '%', '')") }} then {{ number }}
        when {{ is_amount(x) }} then case when abs({{ number }}) <= 2 then 100 else 1 end * {{ number }}
    end::decimal(18, 2)
{%- endmacro %}
