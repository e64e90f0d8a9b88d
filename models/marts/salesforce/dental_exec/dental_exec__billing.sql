with billing as (
    select * from {{ ref('int_dental_exec__billing') }}
),

-- What is held back anyway names no provider and no treatment: its own problem is reported, once.
shaped as (
    select
        {{ migration_key('_practice', 'billing', 'trans_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patient_id') }} as "Account__r.Migration_Key__c",
        transaction_type as "Type__c",
        amount as "Amount__c",
        billed_on as "Date__c",
        description as "Description__c",
        source_code as "Source_Code__c",
        case when is_loaded then provider_contact_key end as "Provider_Contact__r.Migration_Key__c",
        case when is_loaded then {{ migration_key('_practice', 'history', 'history_id') }} end
            as "Treatment_History__r.Migration_Key__c",
        _practice,
        _file,
        _line,
        _found
    from billing
),

final as (
    {{ checked(
        'shaped',
        parents=[
            ref('dental_exec__patient'), ref('dental_exec__provider'), ref('dental_exec__history')
        ],
    ) }}
)

select * from final
