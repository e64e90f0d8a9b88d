with metrics as (
    select * from {{ ref('int_dental_exec__metrics') }}
    where metric_id is not null and not is_repeated
),

shaped as (
    select
        {{ migration_key('_practice', 'metric', 'metric_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'practice', '_practice') }} as "Account__r.Migration_Key__c",
        provider_contact_key as "Contact__r.Migration_Key__c",
        metric_date as "Metric_Date__c",
        daily_goal as "Daily_Production_Goal__c",
        units_completed as "Units_Completed__c",
        production as "Production__c",
        collections as "Collections__c",
        collection_rate as "Collection_Rate__c",
        _practice,
        _file,
        _line,
        _found
    from metrics
),

final as (
    {{ checked('shaped', parents=[ref('shared__practice'), ref('dental_exec__provider')]) }}
)

select * from final
