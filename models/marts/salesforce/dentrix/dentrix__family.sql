with families as (
    select * from {{ ref('int_dentrix__families') }}
),

shaped as (
    select
        family_key as "Migration_Key__c",
        family_name as "Name",
        'Family' as "Account_Kind__c",
        phone as "Phone",
        street as "BillingStreet",
        city as "BillingCity",
        state as "BillingState",
        postal_code as "BillingPostalCode",
        country as "BillingCountry",
        balance_0_30::decimal(18, 2) as "Balance_0_30__c",
        balance_31_60::decimal(18, 2) as "Balance_31_60__c",
        balance_61_90::decimal(18, 2) as "Balance_61_90__c",
        balance_over_90::decimal(18, 2) as "Balance_Over_90__c",
        outstanding_balance::decimal(18, 2) as "Outstanding_Balance__c",
        _practice,
        _file,
        _line,
        _adopt_id,
        _found
    from families
),

final as (
    {{ checked('shaped') }}
)

select * from final
