{%- set children = ['appointments', 'txplan', 'txhist', 'billing', 'notes', 'docs'] -%}
with counted as (
    {%- for table in children %}
    select
        _practice,
        patient_id,
        count(*) as children
    from {{ ref('stg_dental_exec__' ~ table) }}
    where patient_id is not null
    group by _practice, patient_id
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        _practice,
        patient_id,
        sum(children)::bigint as children
    from counted
    group by _practice, patient_id
)

select * from final
