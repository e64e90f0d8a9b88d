{#- The mart is named where it is read: a CTE read twice would hold it in memory. -#}
with ledger_rows as (
    select * from {{ ref('int_shared__ledger_rows') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

payment_signs as (
    select * from {{ ref('int_shared__payment_signs') }}
),

balances as (
    select * from {{ ref('int_dentrix__family_balances') }}
),

unplaced_balances as (
    select * from {{ ref('int_dentrix__aging_rows') }}
    where family_patid is null
),

-- By month: what the files hold, added up before anything is joined to it.
added_rows as (
    select
        _practice,
        _set,
        left(ledger_date::varchar, 7) as month,
        transaction_type,
        ledger_id is null as has_no_key,
        sum(amount) as amount
    from ledger_rows
    group by _practice, _set, left(ledger_date::varchar, 7), transaction_type, ledger_id is null
),

signed_rows as (
    select
        added_rows._practice as practice,
        added_rows.month,
        added_rows.transaction_type,
        added_rows.has_no_key,
        added_rows.amount
        * case when practices.ledger_sign = 'charges_negative' then -1 else 1 end
        * case
            when added_rows.transaction_type = 'Payment' and payment_signs.is_unsigned then -1
            else 1
        end as amount
    from added_rows
    left join practices on added_rows._practice = practices.practice
    left join payment_signs
        on added_rows._practice = payment_signs._practice and added_rows._set = payment_signs._set
),

month_parts as (
    select
        practice,
        month,
        transaction_type,
        amount as source_amount,
        0 as mart_amount,
        case when has_no_key then amount else 0 end as held_back_amount
    from signed_rows
    union all
    select
        _practice as practice,
        left("Ledger_Date__c"::varchar, 7) as month,
        "Transaction_Type__c" as transaction_type,
        0 as source_amount,
        sum("Amount__c") filter (where not _held_back) as mart_amount,
        sum("Amount__c") filter (where _held_back) as held_back_amount
    from {{ ref('dentrix__ledger') }}
    group by _practice, left("Ledger_Date__c"::varchar, 7), "Transaction_Type__c"
    union all
    select
        _practice as practice,
        left("Date__c"::varchar, 7) as month,
        "Type__c" as transaction_type,
        0 as source_amount,
        sum("Amount__c") filter (where not _held_back) as mart_amount,
        sum("Amount__c") filter (where _held_back) as held_back_amount
    from {{ ref('dental_exec__billing') }}
    group by _practice, left("Date__c"::varchar, 7), "Type__c"
),

months as (
    select
        practice,
        'month' as kind,
        coalesce(month, 'no date') as key,
        null::varchar as guarid,
        month,
        transaction_type,
        coalesce(sum(source_amount), 0) as source_amount,
        coalesce(sum(mart_amount), 0) as mart_amount,
        coalesce(sum(held_back_amount), 0) as held_back_amount
    from month_parts
    group by practice, month, transaction_type
),

-- By guarantor: what Dentrix says a family owes, where it says so at all.
practices_with_aging as (
    select _practice
    from {{ ref('stg_dentrix__aging') }}
    group by _practice
),

held_entries as (
    select
        _practice,
        split_part("Migration_Key__c", ':', 3) as ledger_id,
        "Amount__c" as amount
    from {{ ref('dentrix__ledger') }}
    where _held_back
),

guarantor_parts as (
    select
        _practice as practice,
        {{ migration_key('_practice', 'family', 'family_patid') }} as key,
        -- A balance that cannot be read makes the whole sum unknown.
        case when outstanding_balance is not null then 'known' else 'unknown' end as balance_is,
        outstanding_balance as source_amount,
        0 as mart_amount,
        0 as held_back_amount
    from balances
    union all
    select
        _practice as practice,
        {{ migration_key('_practice', 'family', 'guarid') }} as key,
        case when len(_found) = 0 then 'known' else 'unknown' end as balance_is,
        coalesce(balance_0_30, 0) + coalesce(balance_31_60, 0)
        + coalesce(balance_61_90, 0) + coalesce(balance_over_90, 0) as source_amount,
        0 as mart_amount,
        0 as held_back_amount
    from unplaced_balances
    union all
    select
        _practice as practice,
        "Account__r.Migration_Key__c" as key,
        'known' as balance_is,
        0 as source_amount,
        sum("Amount__c") as mart_amount,
        0 as held_back_amount
    from {{ ref('dentrix__ledger') }}
    where not _held_back
    group by _practice, "Account__r.Migration_Key__c"
    union all
    select
        held_entries._practice as practice,
        {{ migration_key('held_entries._practice', 'family', 'ledger.family_patid') }} as key,
        'known' as balance_is,
        0 as source_amount,
        0 as mart_amount,
        sum(held_entries.amount) as held_back_amount
    from {{ ref('int_dentrix__ledger') }} as ledger
    inner join held_entries
        on
            ledger._practice = held_entries._practice
            and ledger.ledger_id = held_entries.ledger_id
    group by held_entries._practice, ledger.family_patid
),

guarantors as (
    select
        parts.practice,
        'guarantor' as kind,
        coalesce(parts.key, 'no family') as key,
        split_part(parts.key, ':', 3) as guarid,
        null::varchar as month,
        null::varchar as transaction_type,
        case when not bool_or(parts.balance_is = 'unknown') then sum(parts.source_amount) end
            as source_amount,
        coalesce(sum(parts.mart_amount), 0) as mart_amount,
        coalesce(sum(parts.held_back_amount), 0) as held_back_amount
    from guarantor_parts as parts
    inner join practices_with_aging on parts.practice = practices_with_aging._practice
    group by parts.practice, parts.key
),

-- By patient: what Dental-Exec says is outstanding.
patients as (
    select
        practice,
        'patient' as kind,
        key,
        null::varchar as guarid,
        null::varchar as month,
        null::varchar as transaction_type,
        source_amount,
        mart_amount,
        held_back_amount
    from {{ ref('int_dental_exec__patient_totals') }}
),

totals as (
    select * from months
    union all
    select * from guarantors
    union all
    select * from patients
),

final as (
    select
        practice,
        kind,
        key,
        guarid,
        month,
        transaction_type,
        source_amount::decimal(38, 2) as source_amount,
        mart_amount::decimal(38, 2) as mart_amount,
        held_back_amount::decimal(38, 2) as held_back_amount,
        (source_amount - mart_amount)::decimal(38, 2) as difference
    from totals
)

select * from final
