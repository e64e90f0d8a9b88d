{#- An interval in words: `6 months`, `1 year`. Null where one of the two is. -#}
{% macro interval_text(quantity, unit) -%}
    {{ quantity }} || ' ' || {{ unit }} || case when {{ quantity }} = 1 then '' else 's' end
{%- endmacro %}
