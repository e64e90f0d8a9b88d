{#-
    The two-letter code of a US state, territory, military region or Canadian province, from its
    code, name or a common abbreviation (seed shared__states); anything else as typed.
-#}
{% macro state_code(x) -%}
    {{ return(adapter.dispatch('state_code')(x)) }}
{%- endmacro %}

{% macro default__state_code(x) -%}
    coalesce(
        (
            select states.code
            from {{ ref('shared__states') }} as states
            where replace(states.name, ' ', '') = replace({{ normalised_name(x) }}, ' ', '')
        ),
        {{ clean_text(x) }}
    )
{%- endmacro %}
