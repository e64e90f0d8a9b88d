{#-
    A code, where it looks like one of CDT and falls into a category; else null. `category` is the
    category in whose range it is, null where it is in none.
-#}
{% macro cdt_code(code, category) -%}
    case
        when {{ category }} is not null and {{ fully_matches(code, "'D[0-9]{4}'") }} then {{ code }}
    end
{%- endmacro %}
