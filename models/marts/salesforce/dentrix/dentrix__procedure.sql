with procedures as (
    select * from {{ ref('int_dentrix__procedures') }}
),

-- What is held back anyway names no plan and no provider: its own problem is reported, once.
shaped as (
    select
        {{ migration_key('_practice', 'procedure', 'procedure_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patid') }} as "Contact__r.Migration_Key__c",
        case when is_loaded then {{ migration_key('_practice', 'plan', 'plan_id') }} end
            as "Treatment_Plan__r.Migration_Key__c",
        cdt_code as "CDT_Code__c",
        source_code as "Source_Code__c",
        description as "Description__c",
        tooth as "Tooth__c",
        surface as "Surface__c",
        quadrant as "Quad__c",
        fee as "Fee__c",
        status as "Status__c",
        completion_date as "Completion_Date__c",
        provider_user_id as "Provider__c",
        case when is_loaded then provider_contact_key end as "Provider_Contact__r.Migration_Key__c",
        _practice,
        _file,
        _line,
        _found
    from procedures
),

final as (
    {{ checked(
        'shaped', parents=[ref('dentrix__patient'), ref('dentrix__plan'), ref('dentrix__provider')]
    ) }}
)

select * from final
