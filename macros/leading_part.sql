{#-
    The beginning of a text that is too long for one field: at most `units` UTF-16 units, the
    longest that ends between two characters that are no blanks, since Salesforce trims the ends
    of every text, and never inside a pair. Where a text has no such place, it ends where it must.
-#}
{% macro leading_part(x, units) -%}
    {{ return(adapter.dispatch('leading_part')(x, units)) }}
{%- endmacro %}

{% macro default__leading_part(x, units) -%}
    {#-
        What takes two units gets a mark behind it, a control character that no landed text has, so
        that characters are units; a mark is never the first behind a cut.
    -#}
    {%- set mark = '\\x{1}' -%}
    {%- set blank = '\\s\\x0B\\p{Z}\\x{200B}\\x{FEFF}' -%}
    {%- set window -%}
        left(
            regexp_replace(left({{ x }}, {{ units + 1 }}), '([\x{10000}-\x{10FFFF}])', '\1' || chr(1), 'g'),
            {{ units + 1 }}
        )
    {%- endset -%}
    replace(
        coalesce(
            nullif(regexp_extract({{ window }}, '^((?s:.*)[^{{ blank }}])[^{{ blank }}{{ mark }}]', 1), ''),
            regexp_extract({{ window }}, '^((?s:.*))[^{{ mark }}]', 1)
        ),
        chr(1),
        ''
    )
{%- endmacro %}
