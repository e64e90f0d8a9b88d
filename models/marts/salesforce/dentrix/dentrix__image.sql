with images as (
    select * from {{ ref('int_dentrix__images') }}
    where outcome in ('image', 'orphan')
),

shaped as (
    select
        {{ migration_key('_practice', 'image', 'image_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patid') }} as "Contact__r.Migration_Key__c",
        title as "Title__c",
        category as "Category__c",
        path as "Source_Path__c",
        url as "Source_URL__c",
        captured_date as "Captured_Date__c",
        _practice,
        _file,
        _line,
        _found
    from images
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__patient')]) }}
)

select * from final
