with activities as (
    select * from {{ ref('int_dental_exec__tasks') }}
    where not is_recall
),

shaped as (
    select
        {{ migration_key('_practice', 'tsk', 'task_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patient_id') }} as "What.Migration_Key__c",
        owner_user_id as "OwnerId",
        subject as "Subject",
        task_subtype as "TaskSubtype",
        activity_date as "ActivityDate",
        status as "Status",
        note as "Description",
        start_utc as "Original_Start__c",
        completed_utc as "Original_Completed__c",
        created_utc as "Original_Create_Date__c",
        _practice,
        _file,
        _line,
        _found
    from activities
),

final as (
    {{ checked('shaped', parents=[ref('dental_exec__patient')]) }}
)

select * from final
