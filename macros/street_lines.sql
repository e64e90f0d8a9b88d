{#- The lines of a street address, blank ones left out, joined by a newline. -#}
{% macro street_lines(line_1, line_2) -%}
    nullif(concat_ws(chr(10), {{ clean_text(line_1) }}, {{ clean_text(line_2) }}), '')
{%- endmacro %}
