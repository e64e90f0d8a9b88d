{#-
    A file's name as an org may hold it: without the folders before it and without control
    characters. Null where nothing is left, or only dots.
-#}
{% macro safe_file_name(x) -%}
    {{ return(adapter.dispatch('safe_file_name')(x)) }}
{%- endmacro %}

{% macro default__safe_file_name(x) -%}
    {%- set plain -%} regexp_replace({{ x }}, '[\x00-\x1F\x7F-\x{9F}]+', '', 'g') {%- endset -%}
    {%- set name = clean_text("regexp_extract(" ~ plain ~ ", '[^\\\\/]*$')") -%}
    case when not regexp_full_match({{ name }}, '[.]+') then {{ name }} end
{%- endmacro %}

{#- The ending of a file's name, with its dot: of nine characters at most; '' where it has none. -#}
{% macro file_name_ending(name) -%}
    {{ return(adapter.dispatch('file_name_ending')(name)) }}
{%- endmacro %}

{% macro default__file_name_ending(name) -%}
    regexp_extract({{ name }}, '^.+([.][^.\s]{1,9})$', 1)
{%- endmacro %}
