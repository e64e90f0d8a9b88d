with patients as (
    select * from {{ ref('dentrix__patient') }}
    where not _held_back
),

members as (
    select
        {{ migration_key('_practice', 'patient', 'patid') }} as patient_key,
        {{ migration_key('_practice', 'patient', 'guarantor_patid') }} as guarantor_key
    from {{ ref('int_dentrix__family_members') }}
),

-- Patients who are their own guarantor have a row too, so that a guarantor taken away is cleared.
shaped as (
    select
        patients."Migration_Key__c",
        members.guarantor_key as "Guarantor__r.Migration_Key__c",
        patients._practice,
        patients._file,
        patients._line,
        {{ no_problems() }} as _found
    from patients
    inner join members on patients."Migration_Key__c" = members.patient_key
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__patient')]) }}
)

select * from final
