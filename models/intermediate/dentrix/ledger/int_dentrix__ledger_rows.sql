with g_series as (
    select * from {{ ref('stg_dentrix__fullproclog') }}
    where chart_status in (90, 102)
),

ascend as (
    select * from {{ ref('stg_dentrix_ascend__transactions') }}
    where not is_voided and not is_deleted
),

-- Whatever nobody can name is an adjustment: its amount still counts.
final as (
    select
        _practice,
        _file,
        _line,
        _set,
        procid as ledger_id,
        patid,
        guarid,
        case
            when chart_status = 102 or log_class = 9 then 'Charge'
            when log_class = 0 then 'Balance Forward'
            when log_class in (1, 3) then 'Payment'
            else 'Adjustment'
        end as transaction_type,
        case
            when chart_status = 102 then null
            when log_class = 1 then 'patient'
            when log_class = 3 then 'insurance'
        end as payer,
        amount,
        procedure_date as ledger_date,
        entry_date,
        case when chart_status = 102 then procid end as procedure_id,
        case when chart_status = 102 then proccodeid end as code_id,
        case when chart_status = 90 and log_class in (1, 3) then log_type_id end as payment_type_id,
        case when chart_status = 90 and log_class in (2, 7, 9) then log_type_id end
            as adjustment_type_id,
        case when chart_status = 90 then check_number end as check_number,
        null::varchar as description,
        case
            when len(_found) = 0 then {{ no_problems() }}
            else {{ problems_as('_found', {
                'procdate': 'Ledger_Date__c', 'createdate': 'Entry_Date__c', 'amt': 'Amount__c',
                'proclogclass': 'Transaction_Type__c',
            }) }}
        end as _found
    from g_series
    union all
    select
        _practice,
        _file,
        _line,
        _set,
        transaction_id as ledger_id,
        patid,
        guarid,
        coalesce(transaction_type, 'Adjustment') as transaction_type,
        payer,
        amount,
        ledger_date,
        entry_date,
        procedure_id,
        null::varchar as code_id,
        null::varchar as payment_type_id,
        null::varchar as adjustment_type_id,
        null::varchar as check_number,
        description,
        _found
    from ascend
)

select * from final
