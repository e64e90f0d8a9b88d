with plan_lines as (
    select * from {{ ref('int_dental_exec__plan_lines') }}
),

-- What is held back anyway names no provider: its own problem is reported, once.
shaped as (
    select
        {{ migration_key('_practice', 'plan', 'plan_line_id') }} as "Migration_Key__c",
        name as "Name",
        {{ migration_key('_practice', 'patient', 'patient_id') }} as "Account__r.Migration_Key__c",
        case when is_loaded then provider_contact_key end as "Provider_Contact__r.Migration_Key__c",
        status as "Status__c",
        cdt_code as "CDT_Code__c",
        source_code as "Source_Code__c",
        fee as "Total_Fee__c",
        insurance_estimate as "Insurance_Estimate__c",
        phase as "Phase__c",
        tooth as "Tooth__c",
        surface as "Surface__c",
        plan_id as "Plan_Number__c",
        planned_on as "Plan_Date__c",
        estimated_completion as "Estimated_Completion_Date__c",
        description as "Description__c",
        _practice,
        _file,
        _line,
        _found
    from plan_lines
),

final as (
    {{ checked('shaped', parents=[ref('dental_exec__patient'), ref('dental_exec__provider')]) }}
)

select * from final
