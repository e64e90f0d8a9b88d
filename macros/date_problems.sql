{#-
    The two things that can be wrong with a date column, as pairs for problems(): it cannot be
    read, or it can and the date is out of range. A column that says "none" is in order.
    `date` is what parse_date or parse_timestamp made of it, `read` what read_timestamp did.
-#}
{% macro date_problems(x, date, read, field) -%}
    {%- set amiss = date ~ " is null and not " ~ is_no_date(x, read) -%}
    {{ return([
        (amiss ~ " and " ~ read ~ " is null", problem('unreadable_date', field, x)),
        (amiss ~ " and " ~ read ~ " is not null", problem('out_of_range', field, x)),
    ]) }}
{%- endmacro %}
