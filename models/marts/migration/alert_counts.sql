with alerts as (
    select
        *,
        case when table_name = 'patient' then 'bit mask' else 'link' end as origin
    from {{ ref('int_dentrix__alerts') }}
),

modes as (
    select * from {{ ref('int_dentrix__alert_modes') }}
),

final as (
    select
        alerts._practice as practice,
        modes.stored_as,
        modes.kinds_in_use,
        alerts.origin,
        alerts.outcome,
        count(*) as alerts,
        count(*) filter (where alerts.has_ended) as ended,
        count(*) filter (where alerts.is_masked) as masked
    from alerts
    left join modes on alerts._practice = modes.practice
    group by
        alerts._practice,
        modes.stored_as,
        modes.kinds_in_use,
        alerts.origin,
        alerts.outcome
)

select * from final
