with insurance as (
    select * from {{ ref('int_dentrix__insurance') }}
),

shaped as (
    select
        {{ migration_key('_practice', 'insurance', 'insurance_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patid') }} as "Contact__r.Migration_Key__c",
        carrier_key as "Carrier__r.Migration_Key__c",
        priority as "Priority__c",
        subscriber_id as "Subscriber_ID__c",
        group_number as "Group_Number__c",
        group_name as "Group_Name__c",
        relationship as "Relationship__c",
        {{ migration_key('_practice', 'patient', 'subscriber_patid') }}
            as "Subscriber__r.Migration_Key__c",
        eligibility_start as "Eligibility_Start__c",
        eligibility_end as "Eligibility_End__c",
        _practice,
        _file,
        _line,
        _found
    from insurance
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__patient'), ref('shared__carrier')]) }}
)

select * from final
