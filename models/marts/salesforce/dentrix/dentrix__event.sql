with appointments as (
    select * from {{ ref('int_dentrix__appointments') }}
    where appointments_as is distinct from 'appointment'
),

shaped as (
    select
        {{ migration_key('_practice', 'evt', 'appointment_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patid') }} as "Who.Migration_Key__c",
        owner_user_id as "OwnerId",
        subject as "Subject",
        start_utc as "StartDateTime",
        end_utc as "EndDateTime",
        operatory as "Location",
        description as "Description",
        operatory as "Operatory__c",
        provider_user_id as "Provider__c",
        provider_contact_key as "Provider_Contact__r.Migration_Key__c",
        appointment_type as "Appointment_Type__c",
        appointment_status as "Appointment_Status__c",
        created_utc as "Original_Create_Date__c",
        _practice,
        _file,
        _line,
        _found
    from appointments
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__patient'), ref('dentrix__provider')]) }}
)

select * from final
