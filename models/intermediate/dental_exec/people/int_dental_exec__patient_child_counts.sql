{%- set tables = ['appointments', 'txplan', 'txhist', 'billing', 'notes', 'docs'] -%}
with counted as (
    {%- for table in tables %}
    select
        _practice,
        {{ id_or_null('patient_id') }} as patient_id,
        count(*) as children
    from {{ source('raw_dental_exec', table) }}
    group by all
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        _practice,
        patient_id,
        sum(children)::bigint as children
    from counted
    where patient_id is not null
    group by _practice, patient_id
)

select * from final
