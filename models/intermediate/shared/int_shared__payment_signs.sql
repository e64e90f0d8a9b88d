with payments as (
    select * from {{ ref('int_shared__ledger_rows') }}
    where transaction_type = 'Payment' and amount != 0
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

judged as (
    select
        payments._practice,
        payments._set,
        -- A payment lowers what is owed.
        (payments.amount > 0) = (practices.ledger_sign is distinct from 'charges_negative') as is_raising
    from payments
    left join practices on payments._practice = practices.practice
),

-- Where most of a set's payments do not, the set knows no signs.
final as (
    select
        _practice,
        _set,
        count(*) as payments,
        count(*) filter (where is_raising) as raising_payments,
        count(*) filter (where is_raising) * 2 > count(*) as is_unsigned
    from judged
    group by _practice, _set
)

select * from final
