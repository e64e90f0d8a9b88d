with links as (
    select * from {{ ref('int_dental_exec__care_links') }}
    where outcome = 'record'
),

shaped as (
    select
        junction_key as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'survivor_patient_id') }}
            as "Account__r.Migration_Key__c",
        {{ migration_key('_practice', 'provider', 'provider_id') }} as "Contact__r.Migration_Key__c",
        relationship_type as "Relationship_Type__c",
        since as "From_Date__c",
        _practice,
        _file,
        _line,
        _found
    from links
),

final as (
    {{ checked('shaped', parents=[ref('dental_exec__patient'), ref('dental_exec__provider')]) }}
)

select * from final
