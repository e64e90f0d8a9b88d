{%- set keys = {
    'stg_dentrix__fullproclog': ('Procedure__c', 'procid'),
    'stg_dentrix__txcase': ('Treatment_Plan__c', 'txcaseid'),
    'stg_dentrix_ascend__patientprocedures': ('Procedure__c', 'procedure_id'),
    'stg_dentrix_ascend__txcases': ('Treatment_Plan__c', 'txcase_id'),
    'stg_dentrix_ascend__transactions': ('Billing_Ledger__c', 'transaction_id'),
} -%}
with claim_problems as (
    select
        _practice,
        _file,
        _line,
        null::varchar as object,
        _practice || ':claim:' || claim_id as key,
        unnest(_found) as found
    from {{ ref('int_dentrix__claims') }}
    where is_open
),

rows_without_key as (
    {{ rows_without_key(keys) }}
),

gathered as (
    select * from claim_problems
    union all
    select * from rows_without_key
),

final as (
    {{ loose_problems('gathered') }}
)

select * from final
