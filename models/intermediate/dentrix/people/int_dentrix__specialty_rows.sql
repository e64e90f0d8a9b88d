with g_series as (
    select
        _practice,
        _file,
        _line,
        specialty_id,
        description
    from {{ ref('stg_dentrix__specialty') }}
),

-- Ascend has no table of specialties: its providers bear the word, on a line of their own.
ascend as (
    select
        _practice,
        null::varchar as _file,
        null::bigint as _line,
        specialty as specialty_id,
        specialty as description
    from {{ ref('stg_dentrix_ascend__providers') }}
    where specialty is not null
    group by _practice, specialty
),

final as (
    select * from g_series
    union all
    select * from ascend
)

select * from final
