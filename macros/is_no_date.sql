{#-
    Whether a date column says "none": blank, or one of the dates that systems write where there
    is none, in any form, with a time or without.
-#}
{% macro is_no_date(x, read=none) -%}
    {{ return(adapter.dispatch('is_no_date')(x, read)) }}
{%- endmacro %}

{% macro default__is_no_date(x, read=none) -%}
    (
        coalesce(({{ read or read_timestamp(x) }})::date in (
            date '9999-12-31', date '0001-01-01', date '1899-12-30', date '1899-12-31'
        ), false)
        or {{ clean_text(x) }} is null
        {#- A year or month zero is no date at all to the engine. #}
        or regexp_matches({{ clean_text(x) }}, '^(0000-0?0-0?0|0?0/0?0/(0000|00)|00000000)($|[ T])')
    )
{%- endmacro %}
