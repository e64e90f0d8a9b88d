{%- set children = {
    'stg_dentrix__appt': 'patid',
    'stg_dentrix__fullproclog': 'patid',
    'stg_dentrix__clinicalnote': 'patid',
    'stg_dentrix__txcase': 'patid',
    'stg_dentrix__docattach': 'attached_to_patid',
    'stg_dentrix__hhlinkpat_item': 'patid',
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
    union all
    {%- endfor %}
    select
        _practice,
        patid,
        (primary_insured_id is not null)::bigint + (secondary_insured_id is not null)::bigint
            as children
    from {{ ref('stg_dentrix__patient') }}
    where primary_insured_id is not null or secondary_insured_id is not null
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
