with appointments as (
    select
        *,
        case
            when is_visit then {{ migration_key('_practice', 'vis', 'appt_id') }}
            else {{ migration_key('_practice', 'evt', 'appt_id') }}
        end as key
    from {{ ref('int_dental_exec__appointments') }}
),

patients as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dental_exec__patient') }}
),

-- What the marts of visits hold back, worked out before them: notes need it, and visits need notes.
final as (
    select
        appointments._practice,
        appointments.appt_id,
        case
            when
                len(list_filter(appointments._found, lambda x: x.held_back)) = 0
                and coalesce(not patients._held_back, appointments.patient_id is null)
                and case
                    when appointments.is_visit then appointments.appointment_date is not null
                    else appointments.start_utc is not null
                end
                and {{ utf16_length('appointments.key') }} <= 100
                then appointments.key
        end as visit_key
    from appointments
    left join patients
        on
            {{ migration_key('appointments._practice', 'patient', 'appointments.patient_id') }}
            = patients.key
)

select * from final
