-- The billing that loads is counted once for each patient and once for each month.
with sums as (
    select
        totals.practice,
        coalesce(sum(totals.mart_amount) filter (where totals.kind = 'patient'), 0) as by_patient,
        coalesce(sum(totals.mart_amount) filter (where totals.kind = 'month'), 0) as by_month
    from {{ ref('control_totals') }} as totals
    inner join {{ ref('stg_migration__practices') }} as practices
        on totals.practice = practices.practice
    where practices.system = 'dental_exec'
    group by totals.practice
)

select
    practice,
    by_patient,
    by_month
from sums
where by_patient != by_month
