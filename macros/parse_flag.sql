{#- A yes or no: 0/1, Y/N, T/F, yes/no, true/false. Null where it is blank or none of them. -#}
{% macro parse_flag(x) -%}
    {{ return(adapter.dispatch('parse_flag')(x)) }}
{%- endmacro %}

{% macro default__parse_flag(x) -%}
    case
        when lower({{ clean_text(x) }}) in ('1', 'y', 't', 'yes', 'true') then true
        when lower({{ clean_text(x) }}) in ('0', 'n', 'f', 'no', 'false') then false
    end
{%- endmacro %}
