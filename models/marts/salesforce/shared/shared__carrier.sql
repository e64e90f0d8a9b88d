with carriers as (
    select * from {{ ref('int_shared__carriers') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

shaped as (
    select
        carriers.carrier_key as "Migration_Key__c",
        carriers.carrier_name as "Name",
        'Insurance Carrier' as "Account_Kind__c",
        'Insurance Carrier' as "Type",
        carriers.payer_id as "Payer_ID__c",
        carriers.phone as "Phone",
        carriers.street as "BillingStreet",
        carriers.city as "BillingCity",
        carriers.state as "BillingState",
        carriers.postal_code as "BillingPostalCode",
        case
            when coalesce(carriers.street, carriers.city, carriers.state, carriers.postal_code) is not null
                then practices.country
        end as "BillingCountry",
        'all' as _practice,
        carriers._file,
        carriers._line,
        carriers._adopt_id,
        carriers._found
    from carriers
    left join practices on carriers.first_practice = practices.practice
),

final as (
    {{ checked('shaped') }}
)

select * from final
