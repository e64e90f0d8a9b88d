{%- set unread = [
    'appt', 'clinicalnote', 'document', 'docattach', 'hhlinkpat_item',
    'fullproclog', 'txcase', 'document', 'docattach', 'hhlinkpat_item',
    'appt', 'fullproclog', 'clinicalnote', 'txcase',
] -%}
with people as (
    select * from {{ ref('int_dentrix__people_source_rows') }}
),

ledger as (
    select * from {{ ref('int_dentrix__ledger_source_rows') }}
schedule as (
    select * from {{ ref('int_dentrix__schedule_source_rows') }}
chart as (
    select * from {{ ref('int_dentrix__chart_source_rows') }}
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
    from people
    union all
    select practice, table_name, file, line, outcome, reason
    from ledger
    from schedule
    from chart
    union all
    select practice, table_name, file, line, outcome, reason
    from unread
)

select * from final
