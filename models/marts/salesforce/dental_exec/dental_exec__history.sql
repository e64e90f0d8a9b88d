with history as (
    select * from {{ ref('int_dental_exec__history') }}
),

-- What is held back anyway names no plan and no provider: its own problem is reported, once.
shaped as (
    select
        {{ migration_key('_practice', 'history', 'history_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patient_id') }} as "Account__r.Migration_Key__c",
        case when is_loaded then provider_contact_key end as "Provider_Contact__r.Migration_Key__c",
        case when is_loaded then {{ migration_key('_practice', 'plan', 'plan_line_id') }} end
            as "Treatment_Plan__r.Migration_Key__c",
        cdt_code as "CDT_Code__c",
        source_code as "Source_Code__c",
        tooth as "Tooth__c",
        surface as "Surface__c",
        materials as "Materials__c",
        fee as "Fee__c",
        treated_on as "Treatment_Date__c",
        _practice,
        _file,
        _line,
        _found
    from history
),

final as (
    {{ checked(
        'shaped',
        parents=[ref('dental_exec__patient'), ref('dental_exec__provider'), ref('dental_exec__plan')],
    ) }}
)

select * from final
