with billing as (
    select * from {{ ref('stg_dental_exec__billing') }}
    where trans_id is not null
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

payment_signs as (
    select * from {{ ref('int_shared__payment_signs') }}
),

people as (
    select * from {{ ref('int_dental_exec__money_people') }}
),

attribution as (
    select * from {{ ref('int_dental_exec__attribution') }}
),

judged as (
    select
        billing.*,
        practices.ledger_sign,
        coalesce(billing.transaction_type = 'Payment' and payment_signs.is_unsigned, false)
            as is_unsigned_payment
    from billing
    left join practices on billing._practice = practices.practice
    left join payment_signs
        on billing._practice = payment_signs._practice and billing._set = payment_signs._set
),

-- + is what the patient owes more.
signed as (
    select
        *,
        {{ signed_amount('amount', 'is_unsigned_payment', 'ledger_sign') }} as signed_amount
    from judged
),

final as (
    select
        signed._practice,
        signed._file,
        signed._line,
        signed.trans_id,
        coalesce(people.survivor_id, signed.patient_id) as patient_id,
        coalesce(people.is_loaded, false)
        and signed.billed_on is not null
        and signed.amount is not null as is_loaded,
        signed.transaction_type,
        signed.signed_amount as amount,
        signed.billed_on,
        signed.description,
        signed.source_code,
        signed.history_id,
        attribution.provider_contact_key,
        list_concat(
            signed._found,
            {{ problems([
                (
                    'signed.is_unsigned_payment and signed.amount != 0',
                    problem('adjusted', 'Amount__c', 'signed.amount'),
                ),
                (
                    'signed.provider_id is not null and attribution.provider_id is null',
                    problem(
                        'orphan', 'Provider_Contact__r.Migration_Key__c', 'signed.provider_id'
                    ),
                ),
            ]) }}
        ) as _found
    from signed
    left join people
        on signed._practice = people._practice and signed.patient_id = people.patient_id
    left join attribution
        on
            signed._practice = attribution._practice
            and signed.provider_id = attribution.provider_id
)

select * from final
