with patients as (
    select * from {{ ref('int_dentrix__patients') }}
),

shaped as (
    select
        {{ migration_key('_practice', 'patient', 'patid') }} as "Migration_Key__c",

        -- who
        first_name as "FirstName",
        last_name as "LastName",
        middle_initial as "Middle_Initial__c",
        salutation as "Salutation",
        preferred_name as "Preferred_Name__c",
        birth_date as "Birthdate",
        gender as "Gender__c",
        chart_number_written as "Chart_Number__c",
        patient_status as "Patient_Status__c",
        marital_status as "Marital_Status__c",

        -- how to reach them
        email as "Email",
        home_phone as "HomePhone",
        mobile_phone as "MobilePhone",
        phone as "Phone",
        other_phone as "OtherPhone",
        fax as "Fax",
        mailing_street as "MailingStreet",
        mailing_city as "MailingCity",
        mailing_state as "MailingState",
        mailing_postal_code as "MailingPostalCode",
        mailing_country as "MailingCountry",
        billing_street as "OtherStreet",
        billing_city as "OtherCity",
        billing_state as "OtherState",
        billing_postal_code as "OtherPostalCode",
        billing_country as "OtherCountry",
        do_not_call as "DoNotCall",
        opted_out_of_email as "HasOptedOutOfEmail",

        -- their history here
        first_visit_date as "First_Visit_Date__c",
        last_visit_date as "Last_Visit_Date__c",
        created_at_utc as "Original_Patient_Create_Date__c",
        subscriber_id as "Insurance_Subscriber_ID__c",
        missed_appointments as "Missed_Appointments__c",
        note as "Description",
        false as "Is_Provider__c",
        {{ migration_key('_practice', 'family', 'family_patid') }} as "Account.Migration_Key__c",

        _practice,
        _file,
        _line,
        _found
    from patients
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__family')]) }}
)

select * from final
