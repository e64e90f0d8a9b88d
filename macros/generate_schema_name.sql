{#- Schemas are named plainly (`salesforce`, not `main_salesforce`): one warehouse, one project. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
