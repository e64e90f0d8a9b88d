-- In G-series a plan and its carrier are one row.
with g_series as (
    select
        _practice,
        insid as plan_id,
        insid as carrier_id,
        group_number,
        group_name
    from {{ ref('stg_dentrix__inscarrier') }}
),

ascend as (
    select
        _practice,
        plan_id,
        carrier_id,
        group_number,
        plan_name as group_name
    from {{ ref('stg_dentrix_ascend__carrierinsuranceplans') }}
),

final as (
    select * from g_series
    union all
    select * from ascend
)

select * from final
