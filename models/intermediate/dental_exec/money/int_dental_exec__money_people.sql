with groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

patients as (
    select
        "Migration_Key__c" as patient_key,
        _held_back
    from {{ ref('dental_exec__patient') }}
),

final as (
    select
        groups._practice,
        groups.patid as patient_id,
        groups.survivor_patid as survivor_id,
        not patients._held_back as is_loaded
    from groups
    inner join patients
        on
            {{ migration_key('groups._practice', 'patient', 'groups.survivor_patid') }}
            = patients.patient_key
)

select * from final
