with g_series as (
    select
        _practice,
        address_id,
        street,
        city,
        state,
        postal_code,
        country,
        home_phone,
        is_blank
    from {{ ref('stg_dentrix__address') }}
),

ascend as (
    select
        _practice,
        patid as address_id,
        street,
        city,
        state,
        postal_code,
        null::varchar as country,
        home_phone,
        coalesce(street, city, state, postal_code) is null as is_blank
    from {{ ref('stg_dentrix_ascend__patients') }}
    where patid is not null
),

final as (
    select * from g_series
    union all
    select * from ascend
)

select * from final
