with log as (
    select * from {{ ref('stg_dentrix__fullproclog') }}
),

ascend_procedures as (
    select * from {{ ref('stg_dentrix_ascend__patientprocedures') }}
),

transactions as (
    select * from {{ ref('stg_dentrix_ascend__transactions') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

held_procedures as (
    select
        "Migration_Key__c" as key,
        _practice,
        _line
    from {{ ref('dentrix__procedure') }}
    where _held_back
),

held_entries as (
    select
        "Migration_Key__c" as key,
        _practice,
        _line
    from {{ ref('dentrix__ledger') }}
    where _held_back
),

log_rows as (
    select
        log._practice as practice,
        'fullproclog' as table_name,
        log._file as file,
        log._line as line,
        case
            when log.procid is null then 'held_back'
            when coalesce(log.chart_status not in (90, 102, 103, 104, 105), true) then 'skipped'
            when log.chart_status in (103, 104) and not practices.include_existing_work then 'skipped'
            -- Completed work is two records: it arrives if one of them does.
            when log.chart_status = 102 and held_procedures.key is not null and held_entries.key is not null
                then 'held_back'
            when log.chart_status = 90 and held_entries.key is not null then 'held_back'
            when log.chart_status in (103, 104, 105) and held_procedures.key is not null then 'held_back'
            else 'record'
        end as outcome,
        case
            when log.procid is null then 'no primary key'
            when log.chart_status is null then 'a chartstatus that cannot be read'
            when log.chart_status not in (90, 102, 103, 104, 105)
                then 'chartstatus ' || log.chart_status::varchar
            when log.chart_status in (103, 104) and not practices.include_existing_work
                then 'existing work is left out, as migration.yml says'
            when log.chart_status = 102 and held_entries.key is not null and held_procedures.key is null
                then 'the work loads; its charge is held back'
            when log.chart_status = 102 and held_procedures.key is not null and held_entries.key is null
                then 'the charge loads; its work is held back'
        end as reason
    from log
    left join practices on log._practice = practices.practice
    left join held_procedures
        on
            log._practice = held_procedures._practice
            and {{ migration_key('log._practice', 'procedure', 'log.procid') }} = held_procedures.key
    left join held_entries
        on
            log._practice = held_entries._practice
            and {{ migration_key('log._practice', 'ledger', 'log.procid') }} = held_entries.key
),

ascend_procedure_rows as (
    select
        ascend_procedures._practice as practice,
        'patientprocedures' as table_name,
        ascend_procedures._file as file,
        ascend_procedures._line as line,
        case
            when ascend_procedures.procedure_id is null then 'held_back'
            when ascend_procedures.state != 'active' or ascend_procedures.status is null then 'skipped'
            when ascend_procedures.status = 'Existing' and not practices.include_existing_work
                then 'skipped'
            when held_procedures.key is not null then 'held_back'
            else 'record'
        end as outcome,
        case
            when ascend_procedures.procedure_id is null then 'no primary key'
            when ascend_procedures.state != 'active' then 'state ' || ascend_procedures.state
            when ascend_procedures.status is null then 'status ' || ascend_procedures.status_words
            when ascend_procedures.status = 'Existing' and not practices.include_existing_work
                then 'existing work is left out, as migration.yml says'
        end as reason
    from ascend_procedures
    left join practices on ascend_procedures._practice = practices.practice
    left join held_procedures
        on
            ascend_procedures._practice = held_procedures._practice
                and {{ migration_key('ascend_procedures._practice', 'procedure', 'ascend_procedures.procedure_id') }}
            = held_procedures.key
),

transaction_rows as (
    select
        transactions._practice as practice,
        'transactions' as table_name,
        transactions._file as file,
        transactions._line as line,
        case
            when transactions.transaction_id is null then 'held_back'
            when transactions.is_voided or transactions.is_deleted then 'skipped'
            when held_entries.key is not null then 'held_back'
            else 'record'
        end as outcome,
        case
            when transactions.transaction_id is null then 'no primary key'
            when transactions.is_voided then 'voided'
            when transactions.is_deleted then 'deleted'
        end as reason
    from transactions
    left join held_entries
        on
            transactions._practice = held_entries._practice
            and {{ migration_key('transactions._practice', 'ledger', 'transactions.transaction_id') }}
            = held_entries.key
),

plan_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__plan') }}
),

staged_cases as (
    select
        _practice,
        _file,
        _line,
        'txcase' as table_name,
        txcaseid as case_id
    from {{ ref('stg_dentrix__txcase') }}
    union all
    select
        _practice,
        _file,
        _line,
        'txcases' as table_name,
        txcase_id as case_id
    from {{ ref('stg_dentrix_ascend__txcases') }}
),

case_rows as (
    select
        staged_cases._practice as practice,
        staged_cases.table_name,
        staged_cases._file as file,
        staged_cases._line as line,
        case
            when staged_cases.case_id is null or plan_records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case when staged_cases.case_id is null then 'no primary key' end as reason
    from staged_cases
    left join plan_records
        on
            {{ migration_key('staged_cases._practice', 'plan', 'staged_cases.case_id') }}
            = plan_records.key
),

-- Rows that only say what others mean: part of a record where one uses them.
used_meanings as (
    select
        _practice,
        'code' as kind,
        code_id as meaning_id
    from {{ ref('int_dentrix__procedure_rows') }}
    where code_id is not null
    group by _practice, code_id
    union all
    select
        _practice,
        'payment' as kind,
        payment_type_id as meaning_id
    from {{ ref('int_dentrix__ledger_rows') }}
    where payment_type_id is not null
    group by _practice, payment_type_id
    union all
    select
        _practice,
        'adjustment' as kind,
        adjustment_type_id as meaning_id
    from {{ ref('int_dentrix__ledger_rows') }}
    where adjustment_type_id is not null
    group by _practice, adjustment_type_id
    union all
    select
        _practice,
        'status' as kind,
        status_id as meaning_id
    from {{ ref('stg_dentrix__txcase') }}
    where status_id is not null
    group by _practice, status_id
    union all
    select
        _practice,
        'visit' as kind,
        case_id as meaning_id
    from {{ ref('int_dentrix__case_lines') }}
    group by _practice, case_id
),

meanings as (
    {%- for model, table, kind, id in [
        ('stg_dentrix__proccode', 'proccode', 'code', 'proccodeid'),
        ('stg_dentrix__payment_type', 'payment_type', 'payment', 'type_id'),
        ('stg_dentrix__adjustment_type', 'adjustment_type', 'adjustment', 'type_id'),
        ('stg_dentrix__txcase_status', 'txcase_status', 'status', 'status_id'),
        ('stg_dentrix_ascend__practiceprocedures', 'practiceprocedures', 'code', 'practice_procedure_id'),
        ('stg_dentrix_ascend__visits', 'visits', 'visit', 'txcase_id'),
    ] %}
    select
        _practice,
        _file,
        _line,
        '{{ table }}' as table_name,
        '{{ kind }}' as kind,
        {{ id }} as meaning_id
    from {{ ref(model) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

meaning_rows as (
    select
        meanings._practice as practice,
        meanings.table_name,
        meanings._file as file,
        meanings._line as line,
        case when used_meanings.meaning_id is not null then 'record' else 'skipped' end as outcome,
        case when used_meanings.meaning_id is null then 'nothing uses it' end as reason
    from meanings
    left join used_meanings
        on
            meanings._practice = used_meanings._practice
            and meanings.kind = used_meanings.kind
            and meanings.meaning_id = used_meanings.meaning_id
),

claim_rows as (
    select
        _practice as practice,
        table_name,
        _file as file,
        _line as line,
        'skipped' as outcome,
        case
            when is_predetermination then 'a predetermination'
            when is_closed then 'a claim that is settled'
            else 'an open claim, listed in open_claims'
        end as reason
    from {{ ref('int_dentrix__claims') }}
),

{%- set tables = [
    'log_rows', 'ascend_procedure_rows', 'transaction_rows', 'case_rows', 'meaning_rows', 'claim_rows',
] %}

final as (
    {%- for rows in tables %}
    select practice, table_name, file, line, outcome, reason
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
