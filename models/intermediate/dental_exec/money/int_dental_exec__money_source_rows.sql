{#- The step and the primary key of each report whose rows are records. -#}
{%- set records = {
    'txplan': ('plan', 'plan_line_id'),
    'txhist': ('history', 'history_id'),
    'billing': ('billing', 'trans_id'),
} -%}
with
{%- for table, (step, id) in records.items() %}
held_{{ table }} as (
    select "Migration_Key__c" as key
    from {{ ref('dental_exec__' ~ step) }}
    where _held_back
),

{{ table }}_rows as (
    select
        staged._practice as practice,
        '{{ table }}' as table_name,
        staged._file as file,
        staged._line as line,
        case when staged.{{ id }} is null or held.key is not null then 'held_back' else 'record' end
            as outcome,
        case when staged.{{ id }} is null then 'no primary key' end as reason
    from {{ ref('stg_dental_exec__' ~ table) }} as staged
    left join held_{{ table }} as held
        on {{ migration_key('staged._practice', step, 'staged.' ~ id) }} = held.key
),
{%- endfor %}

held_metrics as (
    select "Migration_Key__c" as key
    from {{ ref('dental_exec__metric') }}
    where _held_back
),

production_rows as (
    select
        metrics._practice as practice,
        'production' as table_name,
        metrics._file as file,
        metrics._line as line,
        case
            when metrics.metric_id is null or metrics.is_repeated or held_metrics.key is not null
                then 'held_back'
            else 'record'
        end as outcome,
        case
            when metrics.metric_id is null then 'no date that can be read'
            when metrics.is_repeated then 'a later row is of the same day'
        end as reason
    from {{ ref('int_dental_exec__metrics') }} as metrics
    left join held_metrics
        on {{ migration_key('metrics._practice', 'metric', 'metrics.metric_id') }} = held_metrics.key
),

claims_rows as (
    select
        _practice as practice,
        'claims' as table_name,
        _file as file,
        _line as line,
        'skipped' as outcome,
        case when is_open then 'an open claim, listed in open_claims' else 'a claim that is settled' end
            as reason
    from {{ ref('int_dental_exec__claims') }}
),

final as (
    {%- for table in ('txplan', 'txhist', 'billing', 'production', 'claims') %}
    select practice, table_name, file, line, outcome, reason
    from {{ table }}_rows
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
