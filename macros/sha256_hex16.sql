{#- The first 16 hex digits of a text's SHA-256: short enough for a key, long enough to be one. -#}
{% macro sha256_hex16(x) -%}
    {{ return(adapter.dispatch('sha256_hex16')(x)) }}
{%- endmacro %}

{% macro default__sha256_hex16(x) -%}
    left(sha256({{ x }}), 16)
{%- endmacro %}
