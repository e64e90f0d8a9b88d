with appointments as (
    select * from {{ ref('stg_dental_exec__appointments') }}
),

tasks as (
    select * from {{ ref('stg_dental_exec__tasks') }}
),

-- What became of each record.
{% for mart in ['event', 'visit', 'recall', 'activity'] -%}
{{ mart }}_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dental_exec__' ~ mart) }}
),

{% endfor -%}
-- One row is one record, in either mart.
appointment_rows as (
    select
        appointments._practice as practice,
        'appointments' as table_name,
        appointments._file as file,
        appointments._line as line,
        case
            when
                appointments.appt_id is null
                or event_records._held_back
                or visit_records._held_back
                then 'held_back'
            else 'record'
        end as outcome,
        case when appointments.appt_id is null then 'no primary key' end as reason
    from appointments
    left join event_records
        on {{ migration_key('appointments._practice', 'evt', 'appointments.appt_id') }} = event_records.key
    left join visit_records
        on {{ migration_key('appointments._practice', 'vis', 'appointments.appt_id') }} = visit_records.key
),

task_rows as (
    select
        tasks._practice as practice,
        'tasks' as table_name,
        tasks._file as file,
        tasks._line as line,
        case
            when
                tasks.task_id is null
                or recall_records._held_back
                or activity_records._held_back
                then 'held_back'
            else 'record'
        end as outcome,
        case when tasks.task_id is null then 'no primary key' end as reason
    from tasks
    left join recall_records
        on {{ migration_key('tasks._practice', 'tsk', 'tasks.task_id') }} = recall_records.key
    left join activity_records
        on {{ migration_key('tasks._practice', 'tsk', 'tasks.task_id') }} = activity_records.key
),

final as (
    select practice, table_name, file, line, outcome, reason
    from appointment_rows
    union all
    select practice, table_name, file, line, outcome, reason
    from task_rows
)

select * from final
