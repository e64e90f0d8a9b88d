with providers as (
    select * from {{ ref('int_dentrix__providers') }}
    where needs_contact
),

shaped as (
    select
        contact_key as "Migration_Key__c",
        true as "Is_Provider__c",
        specialty as "Specialty__c",
        first_name as "FirstName",
        last_name as "LastName",
        suffix as "Title",
        npi as "NPI__c",
        email as "Email",
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
