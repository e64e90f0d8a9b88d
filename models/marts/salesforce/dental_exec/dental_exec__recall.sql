with recalls as (
    select * from {{ ref('int_dental_exec__tasks') }}
    where is_recall
),

shaped as (
    select
        {{ migration_key('_practice', 'tsk', 'task_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patient_id') }} as "What.Migration_Key__c",
        owner_user_id as "OwnerId",
        'Recall Due' as "Subject",
        activity_date as "ActivityDate",
        status as "Status",
        nullif(concat_ws(chr(10), subject, note), '') as "Description",
        recall_interval as "Recall_Interval__c",
        completed_utc as "Original_Completed__c",
        created_utc as "Original_Create_Date__c",
        _practice,
        _file,
        _line,
        _found
    from recalls
),

final as (
    {{ checked('shaped', parents=[ref('dental_exec__patient')]) }}
)

select * from final
