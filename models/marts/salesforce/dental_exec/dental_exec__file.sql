with files as (
    select * from {{ ref('int_dental_exec__files') }}
    where outcome = 'file'
),

shaped as (
    select
        {{ migration_key('_practice', 'file', 'file_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patient_id') }}
            as "FirstPublishLocation.Migration_Key__c",
        title as "Title",
        path_on_client as "PathOnClient",
        path as "VersionData",
        category as "Document_Category__c",
        captured_date as "Captured_Date__c",
        sha256 as _sha256,
        bytes as _bytes,
        _practice,
        _file,
        _line,
        _found
    from files
),

final as (
    {{ checked('shaped', parents=[ref('dental_exec__patient')]) }}
)

select * from final
