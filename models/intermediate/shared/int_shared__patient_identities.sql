{%- set compared = [
    '_practice', '_file', '_line', 'patid', 'patid_number', 'children', 'guarid', 'guarantor',
    'account', 'duplicate_of_patid', 'family_name', 'given_words', 'given_name', 'birth_date',
    'email', 'chart_number', 'street', 'postal_code', 'phones',
] -%}
with dentrix as (
    select * from {{ ref('int_dentrix__patient_identities') }}
),

dental_exec as (
    select * from {{ ref('int_dental_exec__patient_identities') }}
),

last_place as (
    select coalesce(max(place), 0) as place
    from dentrix
),

-- Places are numbered per system, one system's behind the other's.
final as (
    select
        {%- for column in compared %}
        {{ column }},
        {%- endfor %}
        place
    from dentrix
    union all
    select
        {%- for column in compared %}
        dental_exec.{{ column }},
        {%- endfor %}
        dental_exec.place + last_place.place as place
    from dental_exec
    cross join last_place
)

select * from final
