with expected as (
    select * from {{ ref('int_shared__expected') }}
),

judged as (
    select
        *,
        case
            when column_name is null and need = 'never_exported' and total = 0 then 'never_exported'
            when column_name is null and not has_file and total = 0 then 'table_missing'
            when column_name is null and total = 0 then 'table_empty'
            when column_name is null then null
            when need = 'never_exported' and total > 0 and filled = 0 then 'never_exported'
            -- What a missing or empty table lacks is said once, of the table.
            when need = 'never_exported' or total = 0 then null
            when not has_column then 'column_missing'
            when filled = 0 then 'column_blank'
            when every_row and filled < total then 'values_missing'
        end as finding
    from expected
),

final as (
    select
        practice,
        case
            when column_name is null then 'table'
            when finding = 'values_missing' then 'value'
            else 'column'
        end as subject,
        table_name,
        column_name,
        finding,
        case when column_name is not null then total - filled end as rows_without,
        case when column_name is not null then total end as total,
        need,
        consequence,
        action
    from judged
    where finding is not null
)

select * from final
