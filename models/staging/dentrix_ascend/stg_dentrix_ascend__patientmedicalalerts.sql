with source as (
    select
        id,
        medicalalert,
        patient,
        note,
        startdate,
        enddate,
        active,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'patientmedicalalerts') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

read as (
    select
        source.*,
        practices.time_zone,
        {{ read_timestamp('source.startdate') }} as start_read,
        {{ read_timestamp('source.enddate') }} as end_read
    from source
    left join practices on source._practice = practices.practice
),

dated as (
    select
        *,
        {{ ascend_date('startdate', 'time_zone', read='start_read') }} as start_date,
        {{ ascend_date('enddate', 'time_zone', read='end_read') }} as end_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ ascend_id('id') }} as alert_id,
        {{ ascend_id('patient') }} as patid,
        {{ ascend_id('medicalalert') }} as item_id,
        coalesce(not {{ parse_flag('active') }}, false) as is_ended,
        start_date,
        end_date,
        {{ clean_text('note') }} as note,
        {{ problems(
            date_problems('startdate', 'start_date', 'start_read', 'Start_Date__c')
            + date_problems('enddate', 'end_date', 'end_read', 'End_Date__c')
        ) }} as _found
    from dated
)

select * from final
