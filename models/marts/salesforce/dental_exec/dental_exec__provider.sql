with providers as (
    select * from {{ ref('int_dental_exec__providers') }}
    where skipped_because is null
),

shaped as (
    select
        contact_key as "Migration_Key__c",
        true as "Is_Provider__c",
        first_name as "FirstName",
        last_name as "LastName",
        email as "Email",
        role as "Role__c",
        specialty as "Dental_Specialty__c",
        npi as "NPI__c",
        license as "License__c",
        is_active as "Active__c",
        {{ migration_key('_practice', 'practice', '_practice') }} as "Account.Migration_Key__c",
        _practice,
        _file,
        _line,
        _found
    from providers
),

final as (
    {{ checked('shaped', parents=[ref('shared__practice')]) }}
)

select * from final
