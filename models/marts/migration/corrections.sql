{%- set objects = {
    'shared__practice': 'Account',
    'shared__carrier': 'Account',
    'dentrix__family': 'Account',
    'dentrix__provider': 'Contact',
    'dentrix__patient': 'Contact',
    'dentrix__guarantor': 'Contact',
    'dentrix__insurance': 'Insurance_Detail__c',
    'dentrix__plan': 'Treatment_Plan__c',
    'dentrix__procedure': 'Procedure__c',
    'dentrix__ledger': 'Billing_Ledger__c',
    'dentrix__note': 'Clinical_Note__c',
    'dentrix__event': 'Event',
    'dentrix__appointment': 'Appointment__c',
    'dentrix__activity': 'Task',
    'dentrix__alert': 'Clinical_Alert__c',
    'dentrix__image': 'Imaging_Reference__c',
    'dental_exec__provider': 'Contact',
    'dental_exec__patient': 'Account',
    'dental_exec__responsible': 'Account',
    'dental_exec__junction': 'Provider_Patient_Junction__c',
    'dental_exec__note': 'Clinical_Note__c',
    'dental_exec__lead': 'Lead',
    'dental_exec__plan': 'Treatment_Plan__c',
    'dental_exec__history': 'Treatment_History__c',
    'dental_exec__billing': 'Billing_Record__c',
    'dental_exec__metric': 'Production_Metrics__c',
    'dental_exec__file': 'ContentVersion',
    'dental_exec__event': 'Event',
    'dental_exec__visit': 'Task',
    'dental_exec__recall': 'Task',
    'dental_exec__activity': 'Task',
} -%}
{%- set loose = [
    'dentrix__people', 'dentrix__ledger', 'dentrix__schedule', 'dentrix__chart',
    'dental_exec__people', 'dental_exec__schedule', 'dental_exec__documents',
    'dental_exec__money',
] -%}
with recursive who_corrects as (
    select * from {{ ref('who_corrects') }}
),

records as (
    {%- for mart, object in objects.items() %}
    select
        *,
        '{{ mart }}' as origin
    from ({{ problems_of(ref(mart), object) }})
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

rows_without_record as (
    {%- for domain in loose %}
    select
        *,
        '{{ domain }}' as origin
    from {{ ref('int_' ~ domain ~ '_loose_problems') }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
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
        reason as action,
        'landing' as origin
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
        '{{ problem_action("file_missing") }}' as action,
        'landing' as origin
    from {{ ref('stg_migration__files') }}
    where status = 'missing'
),

gathered as (
    select practice, file, line, object, key, field, class, held_back, "value", action, origin
    from records
    union all
    select practice, file, line, object, key, field, class, held_back, "value", action, origin
    from rows_without_record
    union all
    select practice, file, line, object, key, field, class, held_back, "value", action, origin
    from unlanded_lines
    union all
    select practice, file, line, object, key, field, class, held_back, "value", action, origin
    from missing_files
),

kinds as (
    select
        origin,
        class
    from gathered
    group by origin, class
),

-- What is said of the class and where it arose beats what is said of the class, and that what is
-- said of where it arose.
people as (
    select
        kinds.origin,
        kinds.class,
        arg_max(
            who_corrects.who,
            case when who_corrects.class is not null then 2 else 0 end
            + case when who_corrects.origin is not null then 1 else 0 end
        ) as who
    from kinds
    inner join who_corrects
        on
            coalesce(who_corrects.origin, kinds.origin) = kinds.origin
            and coalesce(who_corrects.class, kinds.class) = kinds.class
    group by kinds.origin, kinds.class
),

assigned as (
    select
        gathered.*,
        people.who
    from gathered
    inner join people on gathered.origin = people.origin and gathered.class = people.class
),

own_faults as (
    select
        key,
        min(who) as who
    from assigned
    where held_back and class != 'parent_held_back' and key is not null
    group by key
),

waiting as (
    select
        key,
        "value" as parent
    from assigned
    where class = 'parent_held_back' and held_back and key != "value"
    group by key, "value"
),

-- A record may wait for one that waits itself: what counts is where there is something to correct.
ways as (
    select
        key,
        parent
    from waiting
    union
    select
        ways.key,
        waiting.parent
    from ways
    inner join waiting on ways.parent = waiting.key
),

roots as (
    select
        key,
        key as root,
        who
    from own_faults
    union all
    select
        ways.key,
        min(own_faults.key) as root,
        arg_min(own_faults.who, own_faults.key) as who
    from ways
    inner join own_faults on ways.parent = own_faults.key
    left join own_faults as own on ways.key = own.key
    where own.key is null
    group by ways.key
),

final as (
    select
        assigned.practice,
        assigned.file,
        assigned.line,
        assigned.object,
        assigned.key,
        assigned.field,
        assigned.class,
        assigned.held_back,
        assigned."value",
        assigned.action,
        coalesce(roots.who, assigned.who) as who,
        roots.root as waits_for
    from assigned
    left join roots
        on assigned.class = 'parent_held_back' and assigned."value" = roots.key
)

select * from final
