with source as (
    select
        task_id,
        patient_id,
        task_type,
        subject,
        due_date,
        completed_date,
        "interval",
        assigned_to,
        status,
        notes,
        created,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'tasks') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

-- What is asked more than one thing of is read once. An interval is a number and its unit; a number
-- alone counts days.
read as (
    select
        *,
        {{ read_timestamp('due_date') }} as due_read,
        {{ read_timestamp('completed_date') }} as completed_read,
        {{ read_timestamp('created') }} as created_read,
        regexp_extract(
            lower({{ id_or_null('"interval"') }}),
            '^0*([1-9][0-9]{0,3})[\s-]*([a-z]*)[.]?$',
            ['quantity', 'unit']
        ) as interval_read
    from source
),

judged as (
    select
        read.*,
        {{ parse_timestamp('due_date', time_zone='practices.time_zone', read='due_read') }} as due_at,
        {{ parse_timestamp(
            'completed_date', time_zone='practices.time_zone', read='completed_read'
        ) }} as completed_at,
        {{ parse_timestamp('created', time_zone='practices.time_zone', read='created_read') }}
            as created_at
    from read
    left join practices on read._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('task_id') }} as task_id,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ clean_text('task_type') }} as task_type,
        {{ clean_text('subject') }} as subject,
        {{ clean_text('status') }} as status_word,
        {{ clean_text('notes') }} as note,
        {{ clean_text('assigned_to') }} as assigned_to,
        due_at,
        {{ is_no_date('due_date', 'due_read') }} as names_no_due_date,
        due_at is not null and position(':' in due_date) > 0 as is_due_by_the_clock,
        completed_at,
        completed_at is not null and position(':' in completed_date) > 0
            as is_completed_by_the_clock,
        created_at,
        {{ parse_integer('interval_read.quantity') }} as interval_quantity,
        case when interval_read.quantity != '' then coalesce(nullif(interval_read.unit, ''), 'd') end
            as interval_unit,
        {{ id_or_null('"interval"') }} as interval_written,
        {{ problems(
            date_problems('due_date', 'due_at', 'due_read', 'ActivityDate')
            + date_problems('completed_date', 'completed_at', 'completed_read', 'Original_Completed__c')
            + date_problems('created', 'created_at', 'created_read', 'Original_Create_Date__c')
        ) }} as _found
    from judged
)

select * from final
