{#- A `crm_login` that is neither yes nor no, as pairs for problems(): it decides who is a User. -#}
{% macro login_problems(x) -%}
    {{ return([(
        clean_text(x) ~ " is not null and " ~ parse_flag(x) ~ " is null",
        problem('not_in_picklist', none, x, action='Write Y or N under crm_login.'),
    )]) }}
{%- endmacro %}
