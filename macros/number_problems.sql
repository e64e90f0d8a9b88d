{#-
    What can be wrong with a number column, as pairs for problems(): it cannot be read, or it is
    too large to hold. `parsed` is what parse_money or, with `whole`, parse_integer made of it.
-#}
{% macro number_problems(x, parsed, field, whole=false) -%}
    {%- set amiss = clean_text(x) ~ " is not null and " ~ parsed ~ " is null" -%}
    {{ return([
        (amiss ~ " and not " ~ is_amount(x, whole), problem('unreadable_number', field, x)),
        (amiss ~ " and " ~ is_amount(x, whole), problem('out_of_range', field, x)),
    ]) }}
{%- endmacro %}
