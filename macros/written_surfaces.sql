{#-
    The letters of the surfaces that a text names, in its own order: `M-O-D`, `mod`. `V`, a class V
    filling, is `5`. Null where the text names none; a letter of no surface stays.
-#}
{% macro written_surfaces(x) -%}
    {{ return(adapter.dispatch('written_surfaces')(x)) }}
{%- endmacro %}

{% macro default__written_surfaces(x) -%}
    replace(regexp_replace(upper({{ clean_text(x) }}), '[\s,./-]', '', 'g'), 'V', '5')
{%- endmacro %}
