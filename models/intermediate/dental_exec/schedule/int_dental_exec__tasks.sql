with tasks as (
    select * from {{ ref('stg_dental_exec__tasks') }}
    where task_id is not null
),

types as (
    select * from {{ ref('dental_exec__task_type') }}
),

statuses as (
    select * from {{ ref('dental_exec__task_status') }}
),

units as (
    select * from {{ ref('shared__recall_unit') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

owners as (
    select * from {{ ref('int_dental_exec__owners') }}
),

fallback_owners as (
    select * from {{ ref('int_dental_exec__fallback_owners') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

-- A recall is one by its type, or by what its subject says, whatever the type.
described as (
    select
        tasks.* exclude (patient_id),
        tasks.patient_id as patient_written,
        groups.survivor_patid,
        coalesce(groups.survivor_patid, tasks.patient_id) as patient_id,
        types.word is not null as type_is_known,
        types.task_subtype,
        coalesce(types.is_recall, false)
        or coalesce(regexp_matches(lower(tasks.subject), 'recall|recare'), false)
        or coalesce(
            regexp_matches(lower(tasks.subject), '[0-9][\s-]*month')
            and regexp_matches(lower(tasks.subject), 'check|clean|prophy'),
            false
        ) as is_recall,
        statuses.word is not null as status_is_known,
        case when tasks.completed_at is not null then 'Completed' else statuses.status end as status,
        {{ interval_text('tasks.interval_quantity', 'units.unit') }} as recall_interval,
        coalesce(owners.owner_user_id, fallback_owners.owner_user_id) as owner_user_id,
        practices.time_zone,
        case when tasks.is_due_by_the_clock then tasks.due_at end as starts_at,
        case when tasks.is_completed_by_the_clock then tasks.completed_at end as done_at
    from tasks
    left join types on {{ words_of('tasks.task_type') }} = types.word
    left join statuses on {{ words_of('tasks.status_word') }} = statuses.word
    left join units on tasks.interval_unit = units.word
    left join groups on tasks._practice = groups._practice and tasks.patient_id = groups.patid
    left join owners on tasks._practice = owners._practice and tasks.assigned_to = owners.written
    left join fallback_owners on tasks._practice = fallback_owners._practice
    left join practices on tasks._practice = practices.practice
),

on_utc as (
    select
        *,
        {{ to_utc('starts_at', 'time_zone') }} as start_utc,
        {{ to_utc('done_at', 'time_zone') }} as completed_utc,
        {{ to_utc('created_at', 'time_zone') }} as created_utc
    from described
),

final as (
    select
        _practice,
        _file,
        _line,
        task_id,
        is_recall,
        patient_id,
        subject,
        -- The platform makes a plain task of what says nothing.
        coalesce(task_subtype, 'Task') as task_subtype,
        case
            when not is_recall then coalesce(status, 'Not Started')
            when status = 'Completed' then 'Completed'
            else 'Not Started'
        end as status,
        case when names_no_due_date then completed_at else due_at end::date as activity_date,
        start_utc,
        completed_utc,
        created_utc,
        recall_interval,
        note,
        owner_user_id,
        list_concat(
            _found,
            {{ problems([
                (
                    'patient_written is not null and survivor_patid is null',
                    problem('orphan', 'What.Migration_Key__c', 'patient_written', held_back=true),
                ),
                (
                    'not is_recall and task_type is not null and not type_is_known',
                    problem('not_in_picklist', 'TaskSubtype', 'task_type'),
                ),
                (
                    'status_word is not null and not status_is_known',
                    problem('not_in_picklist', 'Status', 'status_word'),
                ),
                (
                    'is_recall and interval_written is not null and recall_interval is null',
                    problem('unreadable_number', 'Recall_Interval__c', 'interval_written'),
                ),
                (
                    'not is_recall and ' ~ clock_problem(
                        'starts_at', 'start_utc', 'time_zone', 'Original_Start__c'
                    )[0],
                    problem('adjusted', 'Original_Start__c', 'starts_at'),
                ),
                clock_problem('done_at', 'completed_utc', 'time_zone', 'Original_Completed__c'),
                clock_problem('created_at', 'created_utc', 'time_zone', 'Original_Create_Date__c'),
            ]) }}
        ) as _found
    from on_utc
)

select * from final
