{%- set keys = {
    'stg_dental_exec__txplan': ('Treatment_Plan__c', 'plan_line_id'),
    'stg_dental_exec__txhist': ('Treatment_History__c', 'history_id'),
    'stg_dental_exec__billing': ('Billing_Record__c', 'trans_id'),
} -%}
with claim_problems as (
    select
        _practice,
        _file,
        _line,
        null::varchar as object,
        {{ migration_key('_practice', 'claim', 'claim_id') }} as key,
        unnest(_found) as found
    from {{ ref('int_dental_exec__claims') }}
    where is_open
),

metrics as (
    select * from {{ ref('int_dental_exec__metrics') }}
),

-- A day that cannot be read makes no key, and so no record to hold back.
undated_metrics as (
    select
        _practice,
        _file,
        _line,
        'Production_Metrics__c' as object,
        null::varchar as key,
        {{ problem('missing_required', 'Metric_Date__c', held_back=true) }} as found
    from metrics
    where
        metric_id is null
        and not list_contains(list_transform(_found, lambda x: x.field), 'Metric_Date__c')
    union all
    select
        _practice,
        _file,
        _line,
        'Production_Metrics__c' as object,
        null::varchar as key,
        unnest({{ problems_as(
            '_found', {'Metric_Date__c': 'Metric_Date__c'}, held=['Metric_Date__c']
        ) }}) as found
    from metrics
    where metric_id is null
),

repeated_metrics as (
    select
        _practice,
        _file,
        _line,
        'Production_Metrics__c' as object,
        {{ migration_key('_practice', 'metric', 'metric_id') }} as key,
        {{ problem('duplicate_key', value='metric_id', held_back=true) }} as found
    from metrics
    where is_repeated
),

rows_without_key as (
    {{ rows_without_key(keys) }}
),

gathered as (
    select * from claim_problems
    union all
    select * from undated_metrics
    union all
    select * from repeated_metrics
    union all
    select * from rows_without_key
),

final as (
    {{ loose_problems('gathered') }}
)

select * from final
