with g_series as (
    select * from {{ ref('stg_dentrix__clinicalnote') }}
),

ascend as (
    select * from {{ ref('stg_dentrix_ascend__clinicalnotes') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

on_utc as (
    select
        g_series.*,
        practices.time_zone,
        {{ to_utc('g_series.created_at', 'practices.time_zone') }} as created_utc
    from g_series
    left join practices on g_series._practice = practices.practice
),

of_g_series as (
    select
        _practice,
        _file,
        _line,
        cnotesid as note_id,
        patid,
        provider_id,
        txcaseid as plan_id,
        created_at::date as note_date,
        created_utc as noted_utc,
        is_signed,
        note,
        list_concat(
            _found,
            {{ problems([
                clock_problem('created_at', 'created_utc', 'time_zone', 'Original_Note_Date__c'),
            ]) }}
        ) as _found
    from on_utc
),

of_ascend as (
    select
        _practice,
        _file,
        _line,
        note_id,
        patient_id as patid,
        provider_id,
        null::varchar as plan_id,
        note_date,
        dated_utc as noted_utc,
        is_signed,
        note,
        _found
    from ascend
),

final as (
    select * from of_g_series
    union all
    select * from of_ascend
)

select * from final
