{#- A path inside the current generation of landed data, safe inside a single-quoted literal. -#}
{% macro raw_path(path) -%}
    {{ (env_var('MIGRATION_HOME', 'var') ~ '/raw/current/' ~ path) | replace("'", "''") }}
{%- endmacro %}
