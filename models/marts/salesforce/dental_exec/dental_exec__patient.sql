with patients as (
    select * from {{ ref('int_dental_exec__patients') }}
),

shaped as (
    select
        {{ migration_key('_practice', 'patient', 'patient_id') }} as "Migration_Key__c",
        nullif(concat_ws(' ', first_name, last_name), '') as "Name",
        'Patient' as "Account_Kind__c",
        account_no as "AccountNumber",

        -- who
        first_name as "First_Name__c",
        last_name as "Last_Name__c",
        middle_initial as "Middle_Initial__c",
        preferred_name as "Preferred_Name__c",
        birth_date as "Date_of_Birth__c",
        gender as "Gender__c",
        marital_status as "Marital_Status__c",
        patient_status as "Patient_Status__c",

        -- how to reach them
        email as "Email__c",
        home_phone as "Phone",
        mobile_phone as "Mobile_Phone__c",
        work_phone as "Work_Phone__c",
        street as "BillingStreet",
        city as "BillingCity",
        state as "BillingState",
        postal_code as "BillingPostalCode",
        country as "BillingCountry",

        -- who pays
        group_number as "Group_Number__c",
        subscriber_id as "Subscriber_ID__c",
        secondary_group_number as "Secondary_Group_Number__c",
        secondary_subscriber_id as "Secondary_Subscriber_ID__c",
        outstanding_balance as "Outstanding_Balance__c",

        -- their history here, and what to heed
        referral_source as "Referral_Source__c",
        first_visit_date as "First_Visit_Date__c",
        last_visit_date as "Last_Visit_Date__c",
        created_at_utc as "Original_Patient_Create_Date__c",
        has_drug_interaction as "Drug_Interaction_Flag__c",
        needs_premedication as "Premed_Flag__c",

        carrier_key as "Insurance_Carrier__r.Migration_Key__c",
        secondary_carrier_key as "Secondary_Insurance_Carrier__r.Migration_Key__c",
        provider_contact_key as "Primary_Provider__r.Migration_Key__c",
        owner_user_id as "OwnerId",
        _practice,
        _file,
        _line,
        _found
    from patients
),

final as (
    {{ checked(
        'shaped',
        parents=[ref('shared__carrier'), ref('dental_exec__provider')],
        custom=ref('int_shared__patient_custom_values'),
    ) }}
)

select * from final
