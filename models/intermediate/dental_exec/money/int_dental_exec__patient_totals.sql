with balances as (
    select
        _practice,
        {{ migration_key('_practice', 'patient', 'patient_id') }} as patient_key,
        outstanding_balance
    from {{ ref('int_dental_exec__patients') }}
),

billed as (
    select
        _practice,
        "Account__r.Migration_Key__c" as patient_key,
        sum("Amount__c") filter (where not _held_back) as loaded,
        sum("Amount__c") filter (where _held_back) as held_back
    from {{ ref('dental_exec__billing') }}
    group by _practice, "Account__r.Migration_Key__c"
),

of_patients as (
    select
        balances._practice as practice,
        balances.patient_key as key,
        balances.outstanding_balance as source_amount,
        coalesce(billed.loaded, 0) as mart_amount,
        coalesce(billed.held_back, 0) as held_back_amount
    from balances
    left join billed
        on balances._practice = billed._practice and balances.patient_key = billed.patient_key
    where balances.outstanding_balance is not null or billed.patient_key is not null
),

-- Whoever is billed and is not there has no balance either.
of_nobody as (
    select
        billed._practice as practice,
        'no patient' as key,
        null::decimal(18, 2) as source_amount,
        coalesce(sum(billed.loaded), 0) as mart_amount,
        coalesce(sum(billed.held_back), 0) as held_back_amount
    from billed
    left join balances
        on billed._practice = balances._practice and billed.patient_key = balances.patient_key
    where balances.patient_key is null
    group by billed._practice
),

final as (
    select * from of_patients
    union all
    select * from of_nobody
)

select * from final
