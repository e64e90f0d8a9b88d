with source as (
    select
        apptid,
        apptdate,
        timehr,
        timemin,
        apptlen,
        opid,
        provid,
        patid,
        patname,
        status,
        apptbrokenclass,
        appttype,
        apptreason,
        createdate,
        note,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'appt') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

-- Each date and number is read once, then judged.
read as (
    select
        *,
        {{ read_timestamp('apptdate') }} as date_read,
        {{ read_timestamp('createdate') }} as created_read,
        {{ parse_integer('timehr') }} as hours,
        {{ parse_integer('timemin') }} as minutes,
        {{ parse_integer('apptlen') }} as length_in_minutes
    from source
),

judged as (
    select
        read.*,
        {{ parse_date('apptdate', read='date_read') }} as appointment_date,
        {{ parse_timestamp('createdate', time_zone='practices.time_zone', read='created_read') }}
            as created_at,
        case
            when hours between 0 and 23 and minutes between 0 and 59
                then hours * 60 + minutes
        end as minute_of_day
    from read
    left join practices on read._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('apptid') }} as apptid,
        {{ id_or_null('patid') }} as patid,
        {{ clean_text('patname') }} as patient_name,
        {{ id_or_null('provid') }} as provider_id,
        {{ id_or_null('opid') }} as operatory_id,
        appointment_date::timestamp + minute_of_day * interval 1 minute as starts_at,
        length_in_minutes,
        {{ clean_text('apptlen') }} as length_written,
        {{ clean_text('status') }} as status_code,
        {{ id_or_null('apptbrokenclass') }} as broken_class,
        {{ id_or_null('appttype') }} as appointment_type_id,
        {{ clean_text('apptreason') }} as reason,
        {{ clean_text('note') }} as note,
        created_at,
        {{ problems(
            date_problems('apptdate', 'appointment_date', 'date_read', 'StartDateTime')
            + number_problems('timehr', 'hours', 'StartDateTime', whole=true)
            + number_problems('timemin', 'minutes', 'StartDateTime', whole=true)
            + [
                ('hours not between 0 and 23', problem('out_of_range', 'StartDateTime', 'timehr')),
                (
                    'minutes not between 0 and 59',
                    problem('out_of_range', 'StartDateTime', 'timemin'),
                ),
                (
                    clean_text('apptlen') ~ ' is not null and length_in_minutes is null and not '
                    ~ is_amount('apptlen', whole=true),
                    problem('unreadable_number', 'EndDateTime', 'apptlen'),
                ),
                (
                    'length_in_minutes is null and ' ~ is_amount('apptlen', whole=true),
                    problem('out_of_range', 'EndDateTime', 'apptlen', held_back=true),
                ),
                (
                    id_or_null('apptbrokenclass') ~ " not in ('1', '2')",
                    problem('not_in_picklist', 'Appointment_Status__c', 'apptbrokenclass'),
                ),
            ]
            + date_problems('createdate', 'created_at', 'created_read', 'Original_Create_Date__c')
        ) }} as _found
    from judged
)

select * from final
