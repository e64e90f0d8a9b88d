-- The entries that load are counted once for each family and once for each month.
with sums as (
    select
        practice,
        sum(mart_amount) filter (where kind = 'guarantor') as by_guarantor,
        sum(mart_amount) filter (where kind = 'month') as by_month
    from {{ ref('control_totals') }}
    group by practice
)

select
    practice,
    by_guarantor,
    by_month
from sums
where by_guarantor != by_month
