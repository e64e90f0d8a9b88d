with final as (
    select
        _practice,
        _set,
        ledger_id,
        transaction_type,
        amount,
        ledger_date
    from {{ ref('int_dentrix__ledger_rows') }}
    union all
    select
        _practice,
        _set,
        trans_id as ledger_id,
        transaction_type,
        amount,
        billed_on as ledger_date
    from {{ ref('stg_dental_exec__billing') }}
)

select * from final
