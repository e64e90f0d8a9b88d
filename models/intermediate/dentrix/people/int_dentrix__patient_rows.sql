{#-
    What each product's patients hold. What one of them lacks is null of its type: Ascend has no
    such thing, or G-series has it elsewhere.
-#}
{%- set both = [
    'patid', 'guarid', 'last_name', 'first_name', 'middle_initial', 'preferred_name', 'salutation',
    'chart_number', 'chart_number_written', 'gender', 'patient_status', 'birth_date',
    'first_visit_date', 'work_phone', 'mobile_phone', 'other_phone', 'fax', 'email',
] -%}
{%- set g_series_only = {
    'marital_status': 'varchar', 'last_visit_date': 'date', 'created_at': 'timestamp',
    'billing_address_id': 'varchar', 'do_not_call': 'boolean', 'opted_out_of_email': 'boolean',
    'missed_appointments': 'integer', 'note': 'varchar',
} -%}
with g_series as (
    select
        _practice,
        _file,
        _line,
        {%- for column in both + (g_series_only | list) %}
        {{ column }},
        {%- endfor %}
        address_id,
        null::varchar as duplicate_of_patid,
        _found
    from {{ ref('stg_dentrix__patient') }}
),

-- The address stands with the patient, and bears the patient's id.
ascend as (
    select
        _practice,
        _file,
        _line,
        {%- for column in both %}
        {{ column }},
        {%- endfor %}
        {%- for column, type in g_series_only.items() %}
        null::{{ type }} as {{ column }},
        {%- endfor %}
        patid as address_id,
        duplicate_of_patid,
        _found
    from {{ ref('stg_dentrix_ascend__patients') }}
),

final as (
    select * from g_series
    union all
    select * from ascend
)

select * from final
