{#- The Migration_Key__c of a record: `<practice>:<kind>:<source id>`. Null where the id is. -#}
{% macro migration_key(practice, kind, id) -%}
    {{ practice }} || ':{{ kind }}:' || {{ id }}
{%- endmacro %}
