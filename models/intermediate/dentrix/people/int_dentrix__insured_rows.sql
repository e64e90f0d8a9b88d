with g_series as (
    select
        _practice,
        _file,
        _line,
        'insured' as table_name,
        insuredid as insured_id,
        insid as plan_id,
        subscriber_patid,
        subscriber_id,
        eligibility_start,
        eligibility_end,
        _found
    from {{ ref('stg_dentrix__insured') }}
),

-- Ascend keeps the time of cover with the patient's own plan: int_dentrix__insurance_link_rows.
ascend as (
    select
        _practice,
        _file,
        _line,
        'subscriberinsuranceplans' as table_name,
        insured_id,
        plan_id,
        subscriber_patid,
        subscriber_id,
        null::date as eligibility_start,
        null::date as eligibility_end,
        _found
    from {{ ref('stg_dentrix_ascend__subscriberinsuranceplans') }}
),

final as (
    select * from g_series
    union all
    select * from ascend
)

select * from final
