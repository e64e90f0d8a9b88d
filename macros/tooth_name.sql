{#-
    The name of a tooth by its number: 1-32 permanent, 33-52 the primary A-T; else null. With `last`
    that of a range, `2-5`, which rises and stays within the permanent teeth or the primary ones.
-#}
{% macro tooth_name(number, last=none) -%}
    {{ return(adapter.dispatch('tooth_name')(number, last)) }}
{%- endmacro %}

{% macro default__tooth_name(number, last=none) -%}
    {%- if last is none -%}
    case
        when {{ number }} between 1 and 32 then {{ number }}::varchar
        when {{ number }} between 33 and 52 then chr({{ number }} + 32)
    end
    {%- else -%}
    case
        when {{ last }} is null or {{ last }} = {{ number }} then {{ tooth_name(number) }}
        when {{ number }} < {{ last }} and ({{ last }} <= 32 or {{ number }} > 32)
            then {{ tooth_name(number) }} || '-' || {{ tooth_name(last) }}
    end
    {%- endif -%}
{%- endmacro %}
