with groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

members as (
    select * from {{ ref('int_dentrix__family_members') }}
),

patients as (
    select
        "Migration_Key__c" as patient_key,
        _held_back
    from {{ ref('dentrix__patient') }}
),

families as (
    select
        _practice,
        family_patid
    from members
    group by _practice, family_patid
),

-- A guarantor's account is the family's that bears their name; where that family is not loaded
-- (they were merged, or answer to another guarantor), the family they are now in.
final as (
    select
        groups._practice,
        groups.patid,
        groups.survivor_patid,
        members.family_patid,
        coalesce(families.family_patid, members.family_patid) as account_patid,
        not coalesce(patients._held_back, true) as is_loaded
    from groups
    left join members
        on groups._practice = members._practice and groups.survivor_patid = members.patid
    left join families
        on groups._practice = families._practice and groups.patid = families.family_patid
    left join patients
        on
            {{ migration_key('groups._practice', 'patient', 'groups.survivor_patid') }}
            = patients.patient_key
)

select * from final
