{#- A recall as people say it: `PROPHY every 6 months (hygienist)`. Null without a name. -#}
{% macro recall_rule(name, interval, provider_type) -%}
    {{ name }}
    || coalesce(' every ' || {{ interval }}, '')
    || coalesce(' (' || {{ provider_type }} || ')', '')
{%- endmacro %}
