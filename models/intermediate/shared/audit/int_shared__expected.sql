-- What each practice's export should hold, by its product, and what of it was found.
with practices as (
    select * from {{ ref('stg_migration__practices') }}
),

expectations as (
    select * from {{ ref('expectations') }}
),

fill as (
    select * from {{ ref('int_shared__column_fill') }}
),

tables_with_files as (
    select practice, table_name
    from {{ ref('stg_migration__files') }}
    where status = 'landed' and table_name is not null
    group by practice, table_name
),

tables_with_rows as (
    select
        practice,
        table_name,
        max(total) as total
    from fill
    group by practice, table_name
),

columns_known_of as (
    select
        practice,
        table_name,
        column_name,
        bool_or(present) as is_present
    from {{ ref('stg_migration__columns') }}
    where known
    group by practice, table_name, column_name
),

final as (
    select
        practices.practice,
        practices.product,
        expectations.table_name,
        expectations.column_name,
        expectations.need,
        coalesce(expectations.every_row, false) as every_row,
        expectations.consequence,
        expectations.action,
        tables_with_files.table_name is not null as has_file,
        coalesce(tables_with_rows.total, 0) as total,
        -- What landed before columns were noted is given the benefit of the doubt.
        coalesce(columns_known_of.is_present, true) as has_column,
        coalesce(fill.filled, 0) as filled
    from practices
    inner join expectations on practices.product = expectations.product
    left join tables_with_files
        on
            practices.practice = tables_with_files.practice
            and expectations.table_name = tables_with_files.table_name
    left join tables_with_rows
        on
            practices.practice = tables_with_rows.practice
            and expectations.table_name = tables_with_rows.table_name
    left join columns_known_of
        on
            practices.practice = columns_known_of.practice
            and expectations.table_name = columns_known_of.table_name
            and expectations.column_name = columns_known_of.column_name
    left join fill
        on
            practices.practice = fill.practice
            and expectations.table_name = fill.table_name
            and expectations.column_name = fill.column_name
)

select * from final
