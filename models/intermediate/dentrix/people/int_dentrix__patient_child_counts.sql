{%- set children = {
    'stg_dentrix__appt': 'patid',
    'stg_dentrix__fullproclog': 'patid',
    'stg_dentrix__clinicalnote': 'patid',
    'stg_dentrix__txcase': 'patid',
    'stg_dentrix__docattach': 'attached_to_patid',
    'stg_dentrix__hhlinkpat_item': 'patid',
    'int_dentrix__insurance_link_rows': 'patid',
    'stg_dentrix_ascend__appointments': 'patient_id',
    'stg_dentrix_ascend__patientprocedures': 'patid',
    'stg_dentrix_ascend__transactions': 'patid',
    'stg_dentrix_ascend__clinicalnotes': 'patient_id',
    'stg_dentrix_ascend__txcases': 'patid',
    'stg_dentrix_ascend__documents': 'patid',
    'stg_dentrix_ascend__patientmedicalalerts': 'patid',
} -%}
with counted as (
    {%- for model, patid in children.items() %}
    select
        _practice,
        {{ patid }} as patid,
        count(*) as children
    from {{ ref(model) }}
    where {{ patid }} is not null
    group by _practice, {{ patid }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        _practice,
        patid,
        sum(children)::bigint as children
    from counted
    group by _practice, patid
)

select * from final
