{%- set other_names = {
    'Who.Migration_Key__c': 'Contact__r.Migration_Key__c',
    'Subject': 'Subject__c',
    'StartDateTime': 'Start__c',
    'EndDateTime': 'End__c',
    'Location': 'Location__c',
    'Description': 'Description__c',
} -%}
with appointments as (
    select * from {{ ref('int_dentrix__appointments') }}
    where appointments_as = 'appointment'
),

shaped as (
    select
        {{ migration_key('_practice', 'evt', 'appointment_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patid') }} as "Contact__r.Migration_Key__c",
        subject as "Subject__c",
        start_utc as "Start__c",
        end_utc as "End__c",
        operatory as "Location__c",
        description as "Description__c",
        operatory as "Operatory__c",
        provider_user_id as "Provider__c",
        provider_contact_key as "Provider_Contact__r.Migration_Key__c",
        appointment_type as "Appointment_Type__c",
        appointment_status as "Appointment_Status__c",
        created_utc as "Original_Create_Date__c",
        _practice,
        _file,
        _line,
        {{ problems_about('_found', other_names) }} as _found
    from appointments
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__patient'), ref('dentrix__provider')]) }}
)

select * from final
