with plans as (
    select * from {{ ref('int_dentrix__plans') }}
),

shaped as (
    select
        {{ migration_key('_practice', 'plan', 'plan_id') }} as "Migration_Key__c",
        name as "Name",
        {{ migration_key('_practice', 'patient', 'patid') }} as "Contact__r.Migration_Key__c",
        plan_date as "Plan_Date__c",
        provider_user_id as "Provider__c",
        provider_contact_key as "Provider_Contact__r.Migration_Key__c",
        status as "Status__c",
        total_fee as "Total_Fee__c",
        cdt_code as "CDT_Code__c",
        cdt_codes as "CDT_Codes__c",
        description as "Description__c",
        created_at_utc as "Original_Create_Date__c",
        _practice,
        _file,
        _line,
        _found
    from plans
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__patient'), ref('dentrix__provider')]) }}
)

select * from final
