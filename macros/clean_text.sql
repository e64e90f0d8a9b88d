{#- A text without blanks at its ends (the invisible ones too); null where nothing is left. -#}
{% macro clean_text(x) -%}
    {{ return(adapter.dispatch('clean_text')(x)) }}
{%- endmacro %}

{% macro default__clean_text(x) -%}
    {#- `\s` is ASCII only: \p{Z} adds the blanks of Unicode, then zero width and byte order mark. -#}
    {%- set blanks -%} [\s\x0B\p{Z}\x{200B}\x{FEFF}]+ {%- endset -%}
    nullif(regexp_replace({{ x }}, '^{{ blanks }}|{{ blanks }}$', '', 'g'), '')
{%- endmacro %}
