{#- Table with its staging, the column that holds its primary key, and the marts of its records. -#}
{%- set tables = [
    (
        'appointments', 'stg_dental_exec__appointments', 'appt_id',
        [('dental_exec__event', 'evt'), ('dental_exec__visit', 'vis')],
    ),
    (
        'tasks', 'stg_dental_exec__tasks', 'task_id',
        [('dental_exec__recall', 'tsk'), ('dental_exec__activity', 'tsk')],
    ),
] -%}
with {% for table, staged, key, marts in tables -%}
{%- for mart, kind in marts %}
{{ mart }}_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref(mart) }}
),

{% endfor -%}
{{ table }}_rows as (
    select
        staged._practice as practice,
        '{{ table }}' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when staged.{{ key }} is null
                {%- for mart, kind in marts %}
                or {{ mart }}_records._held_back
                {%- endfor %}
                then 'held_back'
            else 'record'
        end as outcome,
        case when staged.{{ key }} is null then 'no primary key' end as reason
    from {{ ref(staged) }} as staged
    {%- for mart, kind in marts %}
    left join {{ mart }}_records
        on {{ migration_key('staged._practice', kind, 'staged.' ~ key) }} = {{ mart }}_records.key
    {%- endfor %}
),

{% endfor -%}
final as (
    {%- for table, staged, key, marts in tables %}
    select practice, table_name, file, line, outcome, reason
    from {{ table }}_rows
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
