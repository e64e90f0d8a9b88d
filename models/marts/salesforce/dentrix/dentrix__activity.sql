with entries as (
    select * from {{ ref('int_dentrix__journal_entries') }}
    where not is_repeat
),

shaped as (
    select
        {{ migration_key('_practice', 'tsk', 'contactid') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patid') }} as "Who.Migration_Key__c",
        title as "Subject",
        task_subtype as "TaskSubtype",
        'Completed' as "Status",
        contact_date as "ActivityDate",
        note as "Description",
        contacted_utc as "Original_Start__c",
        provider_user_id as "Provider__c",
        provider_contact_key as "Provider_Contact__r.Migration_Key__c",
        _practice,
        _file,
        _line,
        _found
    from entries
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__patient'), ref('dentrix__provider')]) }}
)

select * from final
