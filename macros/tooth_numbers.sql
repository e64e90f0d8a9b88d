{#-
    The numbers of the teeth that a text names, as tooth_number has them: one for `14` or `A`, two
    for a range, `2-5`; null stands for what is no tooth. Null where the text names none.
-#}
{% macro tooth_numbers(x) -%}
    {{ return(adapter.dispatch('tooth_numbers')(x)) }}
{%- endmacro %}

{% macro default__tooth_numbers(x) -%}
    list_transform(
        string_split(regexp_replace(upper({{ id_or_null(x) }}), '\s', '', 'g'), '-'),
        lambda tooth: {{ tooth_number('tooth') }}
    )
{%- endmacro %}
