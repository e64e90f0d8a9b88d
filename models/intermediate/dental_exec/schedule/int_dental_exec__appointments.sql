with appointments as (
    select * from {{ ref('stg_dental_exec__appointments') }}
    where appt_id is not null
),

statuses as (
    select * from {{ ref('dental_exec__appointment_status') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

patients as (
    select * from {{ ref('int_dental_exec__patients') }}
),

attribution as (
    select * from {{ ref('int_dental_exec__attribution') }}
),

owners as (
    select * from {{ ref('int_dental_exec__owners') }}
),

fallback_owners as (
    select * from {{ ref('int_dental_exec__fallback_owners') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

-- Minutes count, else the time from start to end.
described as (
    select
        appointments.* exclude (patient_id),
        appointments.patient_id as patient_written,
        groups.survivor_patid,
        coalesce(groups.survivor_patid, appointments.patient_id) as patient_id,
        nullif(concat_ws(' ', patients.first_name, patients.last_name), '') as person,
        coalesce(appointments.appointment_type, appointments.reason) as procedure_type,
        statuses.status,
        attribution.provider_id is not null as provider_is_known,
        attribution.provider_contact_key,
        coalesce(owners.owner_user_id, fallback_owners.owner_user_id) as owner_user_id,
        practices.time_zone,
        {{ to_utc('appointments.starts_at', 'practices.time_zone') }} as start_utc,
        {{ to_utc('appointments.created_at', 'practices.time_zone') }} as created_utc,
        coalesce(appointments.length_in_minutes, appointments.minutes_between_times) as length,
        coalesce(
            appointments.length_in_minutes != appointments.minutes_between_times, false
        ) as end_differs
    from appointments
    left join statuses on {{ words_of('appointments.status_word') }} = statuses.word
    left join groups
        on
            appointments._practice = groups._practice
            and appointments.patient_id = groups.patid
    left join patients
        on
            groups._practice = patients._practice
            and groups.survivor_patid = patients.patient_id
    left join attribution
        on
            appointments._practice = attribution._practice
            and appointments.provider_id = attribution.provider_id
    left join owners
        on
            appointments._practice = owners._practice
            and appointments.created_by = owners.written
    left join fallback_owners on appointments._practice = fallback_owners._practice
    left join practices on appointments._practice = practices.practice
),

judged as (
    select
        *,
        coalesce(length not between 0 and 14 * 24 * 60, false) as is_of_impossible_length,
        -- What could not be read is reported as that, not also as a length that was given it.
        length = 0 or length is null and not list_contains(
            list_transform(_found, lambda x: x.field), 'Original_End__c'
        ) as has_no_length
    from described
),

final as (
    select
        _practice,
        _file,
        _line,
        appt_id,
        -- What is over is a visit, all else stands in the calendar.
        coalesce(status in ('Completed', 'Cancelled', 'No Show'), false) as is_visit,
        patient_id,
        nullif(concat_ws(' – ', person, procedure_type), '') as subject,
        appointment_date,
        start_utc,
        -- A visit of no length takes a quarter of an hour.
        start_utc + coalesce(nullif(length, 0), 15) * interval 1 minute as end_utc,
        operatory,
        appointment_type,
        coalesce(status, status_word) as appointment_status,
        nullif(concat_ws(chr(10), reason, note), '') as description,
        provider_contact_key,
        owner_user_id,
        created_utc,
        list_concat(
            _found,
            {{ problems([
                ('patient_written is null', problem('missing_required', 'What.Migration_Key__c')),
                (
                    'patient_written is not null and survivor_patid is null',
                    problem('orphan', 'What.Migration_Key__c', 'patient_written', held_back=true),
                ),
                (
                    'provider_id is not null and not provider_is_known',
                    problem('orphan', 'Provider_Contact__r.Migration_Key__c', 'provider_id'),
                ),
                ('status_word is null', problem('missing_required', 'Appointment_Status__c')),
                (
                    'status_word is not null and status is null',
                    problem('not_in_picklist', 'Appointment_Status__c', 'status_word'),
                ),
                (
                    'is_of_impossible_length',
                    problem(
                        'out_of_range', 'Original_End__c',
                        'coalesce(minutes_written, end_written)', held_back=true,
                    ),
                ),
                (
                    'start_utc is not null and not is_of_impossible_length'
                    ~ ' and (end_differs or has_no_length)',
                    problem(
                        'adjusted', 'Original_End__c',
                        'case when end_differs then end_written'
                        ~ ' else coalesce(minutes_written, end_written) end',
                    ),
                ),
                clock_problem('starts_at', 'start_utc', 'time_zone', 'Original_Start__c'),
                clock_problem('created_at', 'created_utc', 'time_zone', 'Original_Create_Date__c'),
            ]) }}
        ) as _found
    from judged
)

select * from final
