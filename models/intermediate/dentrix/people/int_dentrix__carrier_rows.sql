with g_series as (
    select
        _practice,
        _file,
        _line,
        'inscarrier' as table_name,
        insid as carrier_id,
        carrier_name,
        payer_id,
        phone,
        street,
        city,
        state,
        postal_code
    from {{ ref('stg_dentrix__inscarrier') }}
),

ascend as (
    select
        _practice,
        _file,
        _line,
        'insurancecarriers' as table_name,
        carrier_id,
        carrier_name,
        payer_id,
        phone,
        null::varchar as street,
        null::varchar as city,
        null::varchar as state,
        null::varchar as postal_code
    from {{ ref('stg_dentrix_ascend__insurancecarriers') }}
),

final as (
    select * from g_series
    union all
    select * from ascend
)

select * from final
