{%- set domains = ['people', 'ledger', 'schedule', 'chart'] -%}
with final as (
    {%- for domain in domains %}
    select practice, table_name, file, line, outcome, reason
    from {{ ref('int_dentrix__' ~ domain ~ '_source_rows') }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- set unread = [
    'appt', 'fullproclog', 'clinicalnote', 'txcase', 'document', 'docattach', 'hhlinkpat_item',
] -%}
{%- set unread = unread | reject('in', ['appt', 'clinicalnote']) | list -%}
with schedule as (
    select * from {{ ref('int_dentrix__schedule_source_rows') }}
),

people as (
    select * from {{ ref('int_dentrix__people_source_rows') }}
),

unread as (
    {%- for table in unread %}
    select
        _practice as practice,
        '{{ table }}' as table_name,
        _file as file,
        _line as line,
        'skipped' as outcome,
        'no step reads this table yet' as reason
    from {{ ref('stg_dentrix__' ~ table) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select practice, table_name, file, line, outcome, reason
    from schedule
    union all
    select practice, table_name, file, line, outcome, reason
    from people
    union all
    select practice, table_name, file, line, outcome, reason
    from unread
)

select * from final
