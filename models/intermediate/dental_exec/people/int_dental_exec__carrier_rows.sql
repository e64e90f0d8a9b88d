{#- A patient names up to two carriers, each by its name alone. -#}
with patients as (
    select * from {{ ref('stg_dental_exec__patients') }}
    where patient_id is not null
),

named as (
    select
        _practice,
        _file,
        _line,
        patient_id,
        unnest([carrier_name, secondary_carrier_name]) as carrier_name
    from patients
),

final as (
    select
        _practice,
        _file,
        _line,
        'patients' as table_name,
        patient_id as carrier_id,
        carrier_name,
        null::varchar as payer_id,
        null::varchar as phone,
        null::varchar as street,
        null::varchar as city,
        null::varchar as state,
        null::varchar as postal_code
    from named
    where carrier_name is not null
)

select * from final
