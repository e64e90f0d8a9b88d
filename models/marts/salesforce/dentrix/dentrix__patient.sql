with patients as (
    select * from {{ ref('int_dentrix__patients') }}
),

alerts as (
    select * from {{ ref('int_dentrix__contact_alerts') }}
),

images as (
    select * from {{ ref('int_dentrix__contact_images') }}
),

recalls as (
    select * from {{ ref('int_dentrix__contact_recalls') }}
),

shaped as (
    select
        {{ migration_key('patients._practice', 'patient', 'patients.patid') }} as "Migration_Key__c",

        -- who
        patients.first_name as "FirstName",
        patients.last_name as "LastName",
        patients.middle_initial as "Middle_Initial__c",
        patients.salutation as "Salutation",
        patients.preferred_name as "Preferred_Name__c",
        patients.birth_date as "Birthdate",
        patients.gender as "Gender__c",
        patients.chart_number_written as "Chart_Number__c",
        patients.patient_status as "Patient_Status__c",
        patients.marital_status as "Marital_Status__c",

        -- how to reach them
        patients.email as "Email",
        patients.home_phone as "HomePhone",
        patients.mobile_phone as "MobilePhone",
        patients.phone as "Phone",
        patients.other_phone as "OtherPhone",
        patients.fax as "Fax",
        patients.mailing_street as "MailingStreet",
        patients.mailing_city as "MailingCity",
        patients.mailing_state as "MailingState",
        patients.mailing_postal_code as "MailingPostalCode",
        patients.mailing_country as "MailingCountry",
        patients.billing_street as "OtherStreet",
        patients.billing_city as "OtherCity",
        patients.billing_state as "OtherState",
        patients.billing_postal_code as "OtherPostalCode",
        patients.billing_country as "OtherCountry",
        patients.do_not_call as "DoNotCall",
        patients.opted_out_of_email as "HasOptedOutOfEmail",

        -- their history here
        patients.first_visit_date as "First_Visit_Date__c",
        patients.last_visit_date as "Last_Visit_Date__c",
        patients.created_at_utc as "Original_Patient_Create_Date__c",
        patients.subscriber_id as "Insurance_Subscriber_ID__c",
        recalls.recall_rule as "Recall_Rule__c",
        recalls.next_recall_date as "Next_Recall_Date__c",
        patients.missed_appointments as "Missed_Appointments__c",
        patients.note as "Description",
        false as "Is_Provider__c",

        -- what to heed, and what to look at
        alerts.clinical_alert as "Clinical_Alert__c",
        alerts.clinical_alert_details as "Clinical_Alert_Details__c",
        images.source_imaging_url as "Source_Imaging_URL__c",

        {{ migration_key('patients._practice', 'family', 'patients.family_patid') }}
            as "Account.Migration_Key__c",

        patients._practice,
        patients._file,
        patients._line,
        list_concat(
            patients._found,
            coalesce(alerts._found, {{ no_problems() }}),
            coalesce(recalls._found, {{ no_problems() }})
        ) as _found
    from patients
    left join alerts
        on patients._practice = alerts._practice and patients.patid = alerts.patid
    left join images
        on patients._practice = images._practice and patients.patid = images.patid
    left join recalls
        on patients._practice = recalls._practice and patients.patid = recalls.patid
),

final as (
    {{ checked(
        'shaped',
        parents=[ref('dentrix__family')],
        custom=ref('int_shared__patient_custom_values'),
    ) }}
)

select * from final
