{#-
    Marts must never be loaded after a build that failed half-way or read another generation of
    raw/. dbt's run_results.json is overwritten by every command, so each build says in the
    warehouse itself that it started, what it read, and how each node ended. The last of them is the
    one that started last, and the clock may have been set back since the one before: each starts
    later than all that are recorded.
-#}
{% macro record_build_start() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'test') -%}
        {%- do run_query("create schema if not exists migration_state") -%}
        {%- do run_query("
            create table if not exists migration_state.builds (
                invocation_id varchar, started_at timestamp, command varchar,
                generation varchar, finished_at timestamp)
        ") -%}
        {%- do run_query("
            create table if not exists migration_state.nodes (
                unique_id varchar, resource_type varchar, status varchar,
                generation varchar, invocation_id varchar, finished_at timestamp)
        ") -%}
        insert into migration_state.builds
        select
            '{{ invocation_id }}',
            greatest(
                now()::timestamp,
                (select max(started_at) + interval 1 microsecond from migration_state.builds)
            ),
            '{{ flags.WHICH }}', id, null
        from read_json('{{ raw_path("generation.json") }}', columns = {id: 'varchar'})
    {%- endif -%}
{%- endmacro %}

{% macro record_build_end() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'test') -%}
        {%- set outcomes = [] -%}
        {%- for result in results if result.node.resource_type in ('model', 'seed', 'test', 'unit_test') -%}
            {%- do outcomes.append(
                "('" ~ result.node.unique_id ~ "', '" ~ result.node.resource_type ~ "', '"
                ~ (result.status | string) ~ "')"
            ) -%}
        {%- endfor -%}
        {%- if outcomes -%}
            {%- do run_query("
                create or replace temp table outcomes as
                select unique_id, resource_type, status
                from (values " ~ outcomes | join(', ') ~ ") as t (unique_id, resource_type, status)
            ") -%}
            {%- do run_query("
                delete from migration_state.nodes
                where unique_id in (select unique_id from outcomes)
            ") -%}
            {%- do run_query("
                insert into migration_state.nodes
                select
                    o.unique_id, o.resource_type, o.status,
                    b.generation, b.invocation_id, now()::timestamp
                from outcomes as o
                cross join migration_state.builds as b
                where b.invocation_id = '" ~ invocation_id ~ "'
            ") -%}
        {%- endif -%}
        update migration_state.builds set finished_at = now()::timestamp
        where invocation_id = '{{ invocation_id }}'
    {%- endif -%}
{%- endmacro %}
