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
with records as (
    {%- for mart, object in objects.items() %}
    {{ problems_of(ref(mart), object) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

rows_without_record as (
    {%- for domain in loose %}
    select * from {{ ref('int_' ~ domain ~ '_loose_problems') }}
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
