with prospects as (
    select * from {{ ref('int_dental_exec__prospects') }}
    where skipped_because is null
),

shaped as (
    select
        lead_key as "Migration_Key__c",
        first_name as "FirstName",
        last_name as "LastName",
        company as "Company",
        phone as "Phone",
        email as "Email",
        lead_source as "LeadSource",
        rating as "Rating",
        status as "Status",
        inquiry_date as "Inquiry_Date__c",
        _practice,
        _file,
        _line,
        _found
    from prospects
),

final as (
    {{ checked('shaped') }}
)

select * from final
