with records as (
    select * from {{ ref('dental_exec__patient') }}
    where not _held_back
),

patients as (
    select
        {{ migration_key('_practice', 'patient', 'patient_id') }} as patient_key,
        {{ migration_key('_practice', 'patient', 'responsible_party_id') }} as responsible_key
    from {{ ref('int_dental_exec__patients') }}
),

-- Patients who answer for themselves have a row too, so that one taken away is cleared.
shaped as (
    select
        records."Migration_Key__c",
        patients.responsible_key as "Responsible_Party__r.Migration_Key__c",
        records._practice,
        records._file,
        records._line,
        {{ no_problems() }} as _found
    from records
    inner join patients on records."Migration_Key__c" = patients.patient_key
),

final as (
    {{ checked('shaped', parents=[ref('dental_exec__patient')]) }}
)

select * from final
