with g_series as (
    select * from {{ ref('stg_dentrix__txcase') }}
    where txcaseid is not null
),

ascend as (
    select * from {{ ref('stg_dentrix_ascend__txcases') }}
    where txcase_id is not null
),

statuses as (
    select * from {{ ref('stg_dentrix__txcase_status') }}
    where status_id is not null
),

practices_with_statuses as (
    select _practice
    from statuses
    group by _practice
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

g_series_rows as (
    select
        g_series._practice,
        g_series._file,
        g_series._line,
        g_series.txcaseid as case_id,
        g_series.patid,
        g_series.provider_id,
        g_series.description,
        statuses.description as status_written,
        {{ words_of('statuses.description') }} as status_words,
        g_series.created_at::date as plan_date,
        {{ to_utc('g_series.created_at', 'practices.time_zone') }} as created_at_utc,
        {{ to_utc('(g_series.created_at + interval 1 hour)', 'practices.time_zone') }}
            as an_hour_later_utc,
        g_series.created_at,
        list_concat(
            g_series._found,
            {{ problems([(
                "g_series.status_id != '0' and statuses.status_id is null"
                ~ " and practices_with_statuses._practice is not null",
                problem('orphan', 'Status__c', 'g_series.status_id'),
            )]) }}
        ) as _found
    from g_series
    left join statuses
        on g_series._practice = statuses._practice and g_series.status_id = statuses.status_id
    left join practices_with_statuses on g_series._practice = practices_with_statuses._practice
    left join practices on g_series._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        case_id,
        patid,
        provider_id,
        description,
        status_written,
        status_words,
        plan_date,
        created_at_utc,
        list_concat(
            _found,
            {{ problems([(
                'an_hour_later_utc - created_at_utc != interval 1 hour',
                problem('adjusted', 'Original_Create_Date__c', 'created_at'),
            )]) }}
        ) as _found
    from g_series_rows
    union all
    select
        _practice,
        _file,
        _line,
        txcase_id as case_id,
        patid,
        null::varchar as provider_id,
        name as description,
        status as status_written,
        {{ words_of('status') }} as status_words,
        null::date as plan_date,
        null::timestamp as created_at_utc,
        {{ no_problems() }} as _found
    from ascend
)

select * from final
