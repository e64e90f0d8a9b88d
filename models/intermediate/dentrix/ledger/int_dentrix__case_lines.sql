with listed as (
    select
        _practice,
        txcase_id,
        unnest(procedure_ids) as procedure_id
    from {{ ref('stg_dentrix_ascend__txcases') }}
    where txcase_id is not null
    union all
    select
        _practice,
        txcase_id,
        unnest(procedure_ids) as procedure_id
    from {{ ref('stg_dentrix_ascend__visits') }}
    where txcase_id is not null
),

-- Of several cases the oldest, whose 13-digit id is the lowest.
final as (
    select
        _practice,
        procedure_id,
        min(txcase_id) as case_id
    from listed
    group by _practice, procedure_id
)

select * from final
