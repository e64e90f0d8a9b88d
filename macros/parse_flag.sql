{#- A yes or no: 0/1, Y/N, T/F, yes/no, true/false. Null where it is blank or none of them. -#}
{% macro parse_flag(x) -%}
    {{ return(adapter.dispatch('parse_flag')(x)) }}
{%- endmacro %}

{% macro default__parse_flag(x) -%}
    {#- No `in`: DuckDB makes a join of a long one, and so reads every cell even in a branch not taken. -#}
    case lower({{ clean_text(x) }})
        {%- for yes, no in [('1', '0'), ('y', 'n'), ('t', 'f'), ('yes', 'no'), ('true', 'false')] %}
        when '{{ yes }}' then true
        when '{{ no }}' then false
        {%- endfor %}
    end
{%- endmacro %}
