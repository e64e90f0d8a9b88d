-- Nothing disappears: every row of a file landed or was rejected, and every row that landed became
-- a record, was merged into one, was skipped for a reason, or was held back.
select
    practice,
    table_name,
    rows_in_file,
    landed,
    rejected,
    records,
    merged,
    skipped,
    held_back
from {{ ref('source_counts') }}
where
    rows_in_file != landed + rejected
    or landed != records + merged + skipped + held_back
