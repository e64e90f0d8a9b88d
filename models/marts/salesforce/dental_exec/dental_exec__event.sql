{%- set other_names = {
    'ActivityDate': 'StartDateTime',
    'Original_Start__c': 'StartDateTime',
    'Original_End__c': 'EndDateTime',
} -%}
with appointments as (
    select * from {{ ref('int_dental_exec__appointments') }}
    where not is_visit
),

visit_notes as (
    select * from {{ ref('int_dental_exec__visit_notes') }}
),

shaped as (
    select
        {{ migration_key('appointments._practice', 'evt', 'appointments.appt_id') }} as "Migration_Key__c",
        {{ migration_key('appointments._practice', 'patient', 'appointments.patient_id') }}
            as "What.Migration_Key__c",
        appointments.owner_user_id as "OwnerId",
        appointments.subject as "Subject",
        appointments.start_utc as "StartDateTime",
        appointments.end_utc as "EndDateTime",
        appointments.operatory as "Location",
        appointments.description as "Description",
        appointments.operatory as "Operatory__c",
        appointments.provider_contact_key as "Provider_Contact__r.Migration_Key__c",
        appointments.appointment_type as "Appointment_Type__c",
        appointments.appointment_status as "Appointment_Status__c",
        visit_notes.note_key as "Clinical_Note__r.Migration_Key__c",
        appointments.created_utc as "Original_Create_Date__c",
        appointments._practice,
        appointments._file,
        appointments._line,
        {{ migration_key('appointments._practice', 'vis', 'appointments.appt_id') }} as _supersedes,
        {{ problems_about('appointments._found', other_names) }} as _found
    from appointments
    left join visit_notes
        on
            appointments._practice = visit_notes._practice
            and appointments.appt_id = visit_notes.appt_id
),

final as (
    {{ checked('shaped', parents=[
        ref('dental_exec__patient'), ref('dental_exec__provider'), ref('dental_exec__note'),
    ]) }}
)

select * from final
