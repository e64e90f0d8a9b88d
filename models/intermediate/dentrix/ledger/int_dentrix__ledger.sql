with ledger_rows as (
    select * from {{ ref('int_dentrix__ledger_rows') }}
    where ledger_id is not null
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

payment_signs as (
    select * from {{ ref('int_shared__payment_signs') }}
),

people as (
    select * from {{ ref('int_dentrix__ledger_people') }}
),

codes as (
    select * from {{ ref('int_dentrix__procedure_codes') }}
),

payment_types as (
    select * from {{ ref('stg_dentrix__payment_type') }}
    where type_id is not null
),

adjustment_types as (
    select * from {{ ref('stg_dentrix__adjustment_type') }}
    where type_id is not null
),

practices_with_payment_types as (
    select _practice
    from payment_types
    group by _practice
),

practices_with_adjustment_types as (
    select _practice
    from adjustment_types
    group by _practice
),

-- + is what the family owes more.
signed as (
    select
        ledger_rows.*,
        coalesce(ledger_rows.patid, ledger_rows.guarid) as who,
        ledger_rows.transaction_type = 'Payment'
        and coalesce(payment_signs.is_unsigned, false)
        and ledger_rows.amount != 0 as is_flipped,
        {{ signed_amount(
            'ledger_rows.amount',
            "ledger_rows.transaction_type = 'Payment' and coalesce(payment_signs.is_unsigned, false)",
            'practices.ledger_sign',
        ) }} as signed_amount
    from ledger_rows
    left join practices on ledger_rows._practice = practices.practice
    left join payment_signs
        on ledger_rows._practice = payment_signs._practice and ledger_rows._set = payment_signs._set
),

-- Without a patient, whoever pays is meant.
final as (
    select
        signed._practice,
        signed._file,
        signed._line,
        signed.ledger_id,
        coalesce(people.survivor_patid, signed.who) as patid,
        coalesce(guarantors.account_patid, people.family_patid) as family_patid,
        coalesce(people.is_loaded, false) as patient_is_loaded,
        signed.transaction_type,
        signed.signed_amount as amount,
        case when signed.payer = 'insurance' and signed.signed_amount < 0 then -signed.signed_amount end
            as insurance_payment,
        case when signed.payer = 'patient' and signed.signed_amount < 0 then -signed.signed_amount end
            as patient_payment,
        signed.procedure_id,
        signed.ledger_date,
        signed.entry_date,
        coalesce(
            signed.description,
            codes.description,
            coalesce(payment_types.description, adjustment_types.description)
            || coalesce(' #' || signed.check_number, ''),
            '#' || signed.check_number
        ) as description,
        list_concat(
            signed._found,
            {{ problems([
                (
                    'signed.is_flipped',
                    problem('adjusted', 'Amount__c', 'signed.amount'),
                ),
                (
                    'signed.guarid is not null and guarantors.patid is null'
                    ~ ' and signed.who != signed.guarid',
                    problem('orphan', 'Account__c', 'signed.guarid'),
                ),
                (
                    'signed.payment_type_id is not null and payment_types.type_id is null'
                    ~ ' and practices_with_payment_types._practice is not null',
                    problem('orphan', 'Description__c', 'signed.payment_type_id'),
                ),
                (
                    'signed.adjustment_type_id is not null and adjustment_types.type_id is null'
                    ~ ' and practices_with_adjustment_types._practice is not null',
                    problem('orphan', 'Description__c', 'signed.adjustment_type_id'),
                ),
            ]) }}
        ) as _found
    from signed
    left join people
        on signed._practice = people._practice and signed.who = people.patid
    left join {{ ref('int_dentrix__ledger_people') }} as guarantors
        on signed._practice = guarantors._practice and signed.guarid = guarantors.patid
    left join codes
        on signed._practice = codes._practice and signed.code_id = codes.code_id
    left join payment_types
        on
            signed._practice = payment_types._practice
            and signed.payment_type_id = payment_types.type_id
    left join adjustment_types
        on
            signed._practice = adjustment_types._practice
            and signed.adjustment_type_id = adjustment_types.type_id
    left join practices_with_payment_types
        on signed._practice = practices_with_payment_types._practice
    left join practices_with_adjustment_types
        on signed._practice = practices_with_adjustment_types._practice
)

select * from final
