{#- A yes or no as the loader reads it back out of text, whatever the engine's own spelling. -#}
{% macro flag_text(x) -%}
    case {{ x }} when true then 'true' when false then 'false' end
{%- endmacro %}
