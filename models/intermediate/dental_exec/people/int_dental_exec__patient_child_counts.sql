{%- set children = ['appointments', 'notes', 'docs'] -%}
{%- set later = ['txplan', 'txhist', 'billing'] -%}
with counted as (
    {%- for table in children %}
    select
        _practice,
        patient_id,
        count(*) as children
    from {{ ref('stg_dental_exec__' ~ table) }}
    where patient_id is not null
    group by _practice, patient_id
    union all
    {%- endfor %}
    {%- for table in later %}
    select
        _practice,
        {{ id_or_null('patient_id') }} as patient_id,
        count(*) as children
    from {{ source('raw_dental_exec', table) }}
    where {{ id_or_null('patient_id') }} is not null
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
    group by _practice, patient_id
)

select * from final
