{#-
    A phone number as `(555) 555-0100` where it is ten digits and marks between them, else as
    typed; ` x12` behind it where there is an extension. Null where it holds no digit or letter.
-#}
{% macro format_phone(x, ext=none) -%}
    {{ return(adapter.dispatch('format_phone')(x, ext)) }}
{%- endmacro %}

{% macro default__format_phone(x, ext=none) -%}
    {#- A plus sign says that a country code comes first: such a number stays as typed. -#}
    {%- set mark -%} [^0-9\p{L}+]* {%- endset -%}
    {#- Groups of 3, 3 and 4, as nearly all are written, in one step; what does not fit stays. -#}
    {%- set grouped -%}
        regexp_replace(
            {{ x }},
            '^{{ mark }}([0-9]{3}){{ mark }}([0-9]{3}){{ mark }}([0-9]{4}){{ mark }}$',
            '(\1) \2-\3'
        )
    {%- endset -%}
    case
        when regexp_full_match({{ x }}, '[(][0-9]{3}[)] [0-9]{3}-[0-9]{4}') then {{ x }}
        when {{ grouped }} != {{ x }} then {{ grouped }}
        when not regexp_matches({{ x }}, '[\p{L}\p{N}]') then null
        when regexp_full_match({{ x }}, '{{ mark }}([0-9]{{ mark }}){10}')
            then regexp_replace({{ digits(x) }}, '^(...)(...)(....)$', '(\1) \2-\3')
        else {{ clean_text(x) }}
    end
    {%- if ext %}
    || case
        when regexp_matches({{ ext }}, '[1-9\p{L}]')
            then ' x' || regexp_replace({{ clean_text(ext) }}, '(?i)^(extension|ext|x)?[.:#\s]*', '')
        else ''
    end
    {%- endif %}
{%- endmacro %}
