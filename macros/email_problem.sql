{#-
    An e-mail address that Salesforce would refuse, as a pair for problems(). `email` is what
    valid_email made of it.
-#}
{% macro email_problem(x, email, field='Email') -%}
    {{ return((
        clean_text(x) ~ " is not null and " ~ email ~ " is null",
        problem('invalid_email', field, x),
    )) }}
{%- endmacro %}
