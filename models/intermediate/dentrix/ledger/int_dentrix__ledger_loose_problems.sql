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

-- A row whose primary key is `0`, which says "no row", can be nobody's record.
rows_without_key as (
    {%- for model, (object, key) in keys.items() %}
    select
        _practice,
        _file,
        _line,
        '{{ object }}' as object,
        null::varchar as key,
        {{ problem('missing_required', 'Migration_Key__c', "'0'", held_back=true) }} as found
    from {{ ref(model) }}
    where {{ key }} is null
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

gathered as (
    select * from claim_problems
    union all
    select * from rows_without_key
),

final as (
    select
        _practice as practice,
        coalesce(found.file, _file) as file,
        coalesce(found.line, _line) as line,
        object,
        key,
        found.field as field,
        found.class as class,
        found.held_back as held_back,
        found."value" as "value",
        found.action as action
    from gathered
)

select * from final
