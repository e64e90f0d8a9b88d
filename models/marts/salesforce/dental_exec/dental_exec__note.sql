with notes as (
    select * from {{ ref('int_dental_exec__notes') }}
),

shaped as (
    select
        {{ migration_key('_practice', 'note', 'part_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patient_id') }} as "Account__r.Migration_Key__c",
        note_date as "Note_Date__c",
        noted_utc as "Original_Note_Date__c",
        body as "Body__c",
        part as "Part__c",
        is_signed as "Signed__c",
        provider_contact_key as "Provider_Contact__r.Migration_Key__c",
        visit_key as "Visit_Key__c",
        _practice,
        _file,
        _line,
        _found
    from notes
),

final as (
    {{ checked('shaped', parents=[ref('dental_exec__patient'), ref('dental_exec__provider')]) }}
)

select * from final
