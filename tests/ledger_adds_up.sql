-- What the files hold of a month and kind is what loads and what is held back, to the cent.
select
    practice,
    month,
    transaction_type,
    source_amount,
    mart_amount,
    held_back_amount
from {{ ref('control_totals') }}
where kind = 'month' and source_amount != mart_amount + held_back_amount
