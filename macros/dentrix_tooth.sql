{#- The name of a tooth by Dentrix's number: 1-32 permanent, 33-52 the primary A-T; else null. -#}
{% macro dentrix_tooth(number) -%}
    {{ return(adapter.dispatch('dentrix_tooth')(number)) }}
{%- endmacro %}

{% macro default__dentrix_tooth(number) -%}
    case
        when {{ number }} between 1 and 32 then {{ number }}::varchar
        when {{ number }} between 33 and 52 then chr({{ number }} + 32)
    end
{%- endmacro %}
