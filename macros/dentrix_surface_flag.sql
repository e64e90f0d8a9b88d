{#-
    Whether a tooth's surface is marked: a blank is no mark; null where the cell says neither yes
    nor no. Nearly all cells are `0` or `1`, so these are looked at first.
-#}
{% macro dentrix_surface_flag(x) -%}
    case
        when {{ x }} is null or {{ x }} in ('0', '') then false
        when {{ x }} = '1' then true
        when {{ clean_text(x) }} is null then false
        else {{ parse_flag(x) }}
    end
{%- endmacro %}
