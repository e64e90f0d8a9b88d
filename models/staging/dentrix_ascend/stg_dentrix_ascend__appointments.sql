with source as (
    select
        id,
        start,
        "end",
        duration,
        created,
        status,
        note,
        title,
        provider,
        patient,
        operatory,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'appointments') }}
),

-- Each time is read once, then judged.
read as (
    select
        *,
        {{ read_timestamp('start') }} as start_read,
        {{ read_timestamp('"end"') }} as end_read,
        {{ read_timestamp('created') }} as created_read,
        {{ parse_integer('duration') }} as length_in_minutes
    from source
),

judged as (
    select
        *,
        {{ ascend_utc('start', read='start_read') }} as start_utc,
        {{ ascend_utc('"end"', read='end_read') }} as end_utc,
        {{ ascend_utc('created', read='created_read') }} as created_utc
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ ascend_id('id') }} as appointment_id,
        {{ ascend_id('patient') }} as patient_id,
        {{ ascend_id('provider') }} as provider_id,
        {{ ascend_id('operatory') }} as operatory_id,
        start_utc,
        coalesce(end_utc, start_utc + length_in_minutes * interval 1 minute) as end_utc,
        {{ clean_text('coalesce("end", duration)') }} as end_written,
        created_utc,
        {{ clean_text('status') }} as status_word,
        {{ clean_text('title') }} as title,
        {{ clean_text('note') }} as note,
        {{ problems(
            date_problems('start', 'start_utc', 'start_read', 'StartDateTime')
            + date_problems('"end"', 'end_utc', 'end_read', 'EndDateTime')
            + date_problems('created', 'created_utc', 'created_read', 'Original_Create_Date__c')
        ) }} as _found
    from judged
)

select * from final
