{#- Whether a column for a tooth's number says "none": blank or zero, however zero is written. -#}
{% macro dentrix_is_no_tooth(x) -%}
    ({{ clean_text(x) }} is null or coalesce({{ parse_integer(x) }} = 0, false))
{%- endmacro %}
