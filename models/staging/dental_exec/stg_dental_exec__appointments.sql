with source as (
    select
        appt_id,
        patient_id,
        provider_id,
        operatory,
        "date",
        start_time,
        end_time,
        minutes,
        "type",
        status,
        reason,
        notes,
        created,
        created_by,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'appointments') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

-- Each date and number is read once, then judged; a time of day as one of some day.
read as (
    select
        *,
        {{ read_timestamp('"date"') }} as date_read,
        {{ read_timestamp("'01/01/2000 ' || " ~ clean_text('start_time')) }} as start_clock,
        {{ read_timestamp("'01/01/2000 ' || " ~ clean_text('end_time')) }} as end_clock,
        {{ parse_integer('minutes') }} as length_in_minutes,
        {{ read_timestamp('created') }} as created_read
    from source
),

judged as (
    select
        read.*,
        {{ parse_date('"date"', read='date_read') }} as appointment_date,
        {{ parse_timestamp('created', time_zone='practices.time_zone', read='created_read') }}
            as created_at
    from read
    left join practices on read._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('appt_id') }} as appt_id,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ clean_text('operatory') }} as operatory,
        appointment_date,
        appointment_date::timestamp + (start_clock - timestamp '2000-01-01 00:00:00') as starts_at,
        length_in_minutes,
        date_diff('minute', start_clock, end_clock) as minutes_between_times,
        {{ clean_text('minutes') }} as minutes_written,
        {{ clean_text('end_time') }} as end_written,
        {{ clean_text('"type"') }} as appointment_type,
        {{ clean_text('status') }} as status_word,
        {{ clean_text('reason') }} as reason,
        {{ clean_text('notes') }} as note,
        {{ clean_text('created_by') }} as created_by,
        created_at,
        {{ problems(
            date_problems('"date"', 'appointment_date', 'date_read', 'ActivityDate')
            + [
                (
                    clean_text('start_time') ~ ' is not null and start_clock is null',
                    problem('unreadable_date', 'Original_Start__c', 'start_time'),
                ),
                (
                    clean_text('end_time') ~ ' is not null and end_clock is null',
                    problem('unreadable_date', 'Original_End__c', 'end_time'),
                ),
                (
                    clean_text('minutes') ~ ' is not null and length_in_minutes is null and not '
                    ~ is_amount('minutes', whole=true),
                    problem('unreadable_number', 'Original_End__c', 'minutes'),
                ),
                (
                    'length_in_minutes is null and ' ~ is_amount('minutes', whole=true),
                    problem('out_of_range', 'Original_End__c', 'minutes', held_back=true),
                ),
            ]
            + date_problems('created', 'created_at', 'created_read', 'Original_Create_Date__c')
        ) }} as _found
    from judged
)

select * from final
