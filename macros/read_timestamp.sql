{#-
    What a date or time says, judged by nothing: sentinels and absurd years come out too, null is
    what fits no form. Read are `YYYY-MM-DD`, `MM/DD/YYYY`, `M/D/YY` and `YYYYMMDD`, each with a
    12- or 24-hour time or none. Fractions of a second and a zone written behind (`Z`, `-06:00`)
    are passed over; parse_timestamp heeds the zone.

    Two-digit years: 00-69 are 20xx, the others 19xx; a birth date (`birth`) that would so come
    after `today` is of the century before.

    The expression is long. A model that asks more than one thing of a date (its value, what is
    wrong with it) reads it once into a column, and hands that to the other macros as `read`.
-#}
{% macro read_timestamp(x, birth=false, today='current_date') -%}
    {{ return(adapter.dispatch('read_timestamp')(x, birth, today)) }}
{%- endmacro %}

{% macro default__read_timestamp(x, birth=false, today='current_date') -%}
    {#- Each step leaves alone what it does not fit, so that one runs after the other. -#}
    {%- set steps -%}
        '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})($|[ T])', '\3-\1-\2\4'
        ;'^([0-9]{1,2})/([0-9]{1,2})/([0-6][0-9])($|[ T])', '20\3-\1-\2\4'
        ;'^([0-9]{1,2})/([0-9]{1,2})/([7-9][0-9])($|[ T])', '19\3-\1-\2\4'
        ;'^([0-9]{4})/?([0-9]{2})/?([0-9]{2})($|[ T])', '\1-\2-\3\4'
        ;'[ T]+([0-9:]+)([.][0-9]*)?( *[AaPp][.]?[Mm][.]?)? *(Z|z|[+-][0-9]{2}:?[0-9]{2})?$', ' \1\3'
        ;' *([AaPp])[.]?[Mm][.]?$', ' \1M'
    {%- endset -%}
    {%- set ns = namespace(text=clean_text(x)) -%}
    {%- for step in steps.split(';') -%}
        {%- set ns.text = "regexp_replace(" ~ ns.text ~ ", " ~ step.strip() ~ ")" -%}
    {%- endfor -%}
    {%- set read -%}
        try_strptime(
            regexp_extract({{ ns.text }}, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}($| .*)'),
            [
                '%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M',
                '%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p'
            ]
        )
    {%- endset -%}
    case
        {#-
            Nearly all dates, by system. The engine's own cast is quickest, but loose, so its input
            is pinned.
        #}
        when regexp_full_match({{ x }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}( ([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})?')
            then try_cast({{ x }} as timestamp)
        when regexp_full_match({{ x }}, '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}')
            then try_strptime({{ x }}, '%m/%d/%Y')
        when regexp_full_match({{ x }}, '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2} [AP]M')
            then try_strptime({{ x }}, '%m/%d/%Y %I:%M %p')
        {%- if birth %}
        when regexp_matches({{ x }}, '^\s*[0-9]+/[0-9]+/[0-6][0-9]($|[\sT])') and {{ read }} > {{ today }}
            then {{ read }} - interval 100 year
        {%- endif %}
        else {{ read }}
    end
{%- endmacro %}
