with recalls as (
    select * from {{ ref('int_dentrix__patient_recalls') }}
    where is_in_force and name is not null
),

templates as (
    select
        _practice,
        name,
        {{ interval_text('quantity', 'unit') }} as "interval",
        provider_type
    from {{ ref('int_dentrix__recall_types') }}
    where patid is null and recallid is not null and name is not null and coalesce(is_in_force, true)
),

practices as (
    select
        practice,
        coalesce(timezone(time_zone, extracted_at)::date, current_date) as as_of
    from {{ ref('stg_migration__practices') }}
),

-- A patient who has a rule by two rows has it once.
rules_of_patients as (
    select
        _practice,
        name,
        "interval",
        provider_type,
        patid,
        min(due_date) as due_date
    from recalls
    group by _practice, name, "interval", provider_type, patid
),

-- What nobody has is a rule of the practice all the same.
all_rules as (
    select
        _practice,
        name,
        "interval",
        provider_type,
        patid,
        due_date
    from rules_of_patients
    union all
    select
        _practice,
        name,
        "interval",
        provider_type,
        null as patid,
        null as due_date
    from templates
),

counted as (
    select
        all_rules._practice,
        all_rules.name,
        all_rules."interval",
        all_rules.provider_type,
        {{ recall_rule('all_rules.name', 'all_rules."interval"', 'all_rules.provider_type') }} as rule,
        count(all_rules.patid) as patients,
        count(all_rules.due_date) as patients_with_date,
        count(*) filter (where all_rules.due_date <= practices.as_of) as patients_due,
        min(all_rules.due_date) as next_due_date
    from all_rules
    left join practices on all_rules._practice = practices.practice
    group by
        all_rules._practice,
        all_rules.name,
        all_rules."interval",
        all_rules.provider_type
),

final as (
    select
        _practice as practice,
        rule,
        name,
        "interval",
        provider_type,
        patients,
        patients_with_date,
        patients_due,
        next_due_date,
        concat(
            'A schedule-triggered Salesforce Flow, daily: for every Contact whose Recall_Rule__c contains "',
            rule,
            '" and whose Next_Recall_Date__c is near, it creates a Task "',
            name,
            ' recall"',
            case when provider_type is not null then ' for the ' || provider_type end,
            '. A record-triggered one, when the visit is done, sets Next_Recall_Date__c to ',
            coalesce("interval" || ' after it.', 'the day agreed on.')
        ) as flow_to_build
    from counted
)

select * from final
