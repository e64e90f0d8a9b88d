{%- set unread = [
    'appt', 'clinicalnote', 'document', 'docattach', 'hhlinkpat_item',
] -%}
{%- set unread = unread | reject('in', ['appt', 'clinicalnote']) | list -%}
with schedule as (
    select * from {{ ref('int_dentrix__schedule_source_rows') }}
),

people as (
    select * from {{ ref('int_dentrix__people_source_rows') }}
),

ledger as (
    select * from {{ ref('int_dentrix__ledger_source_rows') }}
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
    from ledger
    union all
    select practice, table_name, file, line, outcome, reason
    from unread
)

select * from final
