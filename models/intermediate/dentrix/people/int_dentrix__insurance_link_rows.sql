with patients as (
    select * from {{ ref('stg_dentrix__patient') }}
    where patid is not null
),

patient_plans as (
    select * from {{ ref('stg_dentrix_ascend__patientinsuranceplans') }}
),

priorities as (
    select word, priority
    from {{ ref('dentrix_ascend__responsibility') }}
),

-- A plan that says nothing of its responsibility still is a row to account for.
responsible_plans as (
    select
        patient_plans.*,
        unnest(case when responsibilities = [] then [null] else responsibilities end) as word
    from patient_plans
),

final as (
    {%- for priority, role in {'Primary': 'primary', 'Secondary': 'secondary'}.items() %}
    select
        _practice,
        _file,
        _line,
        false as is_own_row,
        null::varchar as patient_plan_id,
        patid,
        '{{ priority }}' as priority,
        '{{ priority }}' as priority_written,
        {{ role }}_insured_id as insured_id,
        {{ role }}_relationship as relationship,
        null::date as eligibility_start,
        null::date as eligibility_end,
        {{ no_problems() }} as _found
    from patients
    where {{ role }}_insured_id is not null
    union all
    {%- endfor %}
    select
        plans._practice,
        plans._file,
        plans._line,
        true as is_own_row,
        plans.patient_plan_id,
        plans.patid,
        priorities.priority,
        plans.word as priority_written,
        plans.insured_id,
        plans.relationship,
        plans.eligibility_start,
        plans.eligibility_end,
        plans._found
    from responsible_plans as plans
    left join priorities on plans.word = priorities.word
)

select * from final
