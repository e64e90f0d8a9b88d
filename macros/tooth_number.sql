{#- The number of a tooth by its name: 1-32 as they are, A-T as Dentrix's 33-52; else null. -#}
{% macro tooth_number(name) -%}
    {{ return(adapter.dispatch('tooth_number')(name)) }}
{%- endmacro %}

{% macro default__tooth_number(name) -%}
    case
        when regexp_full_match({{ name }}, '0?[1-9]|[12][0-9]|3[0-2]') then try_cast({{ name }} as integer)
        when regexp_full_match({{ name }}, '[A-T]') then ascii({{ name }}) - 32
    end
{%- endmacro %}
