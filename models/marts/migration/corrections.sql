with records as (
    {{ problems_of(ref('shared__practice'), 'Account') }}
    union all
    {{ problems_of(ref('dentrix__event'), 'Event') }}
    union all
    {{ problems_of(ref('dentrix__appointment'), 'Appointment__c') }}
    union all
    {{ problems_of(ref('dentrix__activity'), 'Task') }}
    union all
    {{ problems_of(ref('dentrix__note'), 'Clinical_Note__c') }}
    union all
    {{ problems_of(ref('shared__carrier'), 'Account') }}
    union all
    {{ problems_of(ref('dentrix__family'), 'Account') }}
    union all
    {{ problems_of(ref('dentrix__provider'), 'Contact') }}
    union all
    {{ problems_of(ref('dentrix__patient'), 'Contact') }}
    union all
    {{ problems_of(ref('dentrix__guarantor'), 'Contact') }}
    union all
    {{ problems_of(ref('dentrix__insurance'), 'Insurance_Detail__c') }}
    union all
    {{ problems_of(ref('dentrix__plan'), 'Treatment_Plan__c') }}
    union all
    {{ problems_of(ref('dentrix__procedure'), 'Procedure__c') }}
    union all
    {{ problems_of(ref('dentrix__ledger'), 'Billing_Ledger__c') }}
),

rows_without_record as (
    select * from {{ ref('int_dentrix__schedule_loose_problems') }}
    union all
    select * from {{ ref('int_dentrix__people_loose_problems') }}
    union all
    select * from {{ ref('int_dentrix__ledger_loose_problems') }}
),

unlanded_lines as (
    select
        practice,
        file,
        line,
        null::varchar as object,
        key,
        null::varchar as field,
        case class when 'repeated_line' then 'duplicate_key' else class end as class,
        true as held_back,
        null::varchar as "value",
        reason as action
    from {{ ref('stg_migration__rejects') }}
),

missing_files as (
    select
        practice,
        table_name as file,
        null::bigint as line,
        null::varchar as object,
        null::varchar as key,
        null::varchar as field,
        'file_missing' as class,
        false as held_back,
        null::varchar as "value",
        '{{ problem_action("file_missing") }}' as action
    from {{ ref('stg_migration__files') }}
    where status = 'missing'
),

final as (
    select practice, file, line, object, key, field, class, held_back, "value", action
    from records
    union all
    select practice, file, line, object, key, field, class, held_back, "value", action
    from rows_without_record
    union all
    select practice, file, line, object, key, field, class, held_back, "value", action
    from unlanded_lines
    union all
    select practice, file, line, object, key, field, class, held_back, "value", action
    from missing_files
)

select * from final
