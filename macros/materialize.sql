{#-
    A model is written under its own name, in one transaction. dbt would build it beside and rename
    twice, as databases need whose readers look on; here nobody can open the warehouse meanwhile,
    and a dozen catalog queries for each of some two hundred models were a seventh of a small build.
-#}
{% macro materialize(kind) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type=kind) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
    {%- call statement("main") -%}
        {%- if existing is not none %}
        drop {{ existing.type }} if exists {{ existing }} cascade;
        {%- endif %}
        {% if kind == "view" %}
            {{- get_create_view_as_sql(target, model["compiled_code"]) }}
        {%- else %}
            {{- get_create_table_as_sql(false, target, model["compiled_code"]) }}
        {%- endif %}
    {%- endcall -%}
    {%- if existing is not none -%}
        {%- do adapter.cache_dropped(existing) -%}
    {%- endif -%}
    {%- do run_hooks(post_hooks, inside_transaction=True) -%}
    {%- do adapter.commit() -%}
    {%- do run_hooks(post_hooks, inside_transaction=False) -%}
    {{- return({"relations": [target]}) -}}
{%- endmacro %}

{% materialization view, adapter="duckdb" -%}
    {{ return(materialize("view")) }}
{%- endmaterialization %}

{% materialization table, adapter="duckdb" -%}
    {{ return(materialize("table")) }}
{%- endmaterialization %}
