with g_series as (
    select * from {{ ref('stg_dentrix__appt') }}
),

ascend as (
    select * from {{ ref('stg_dentrix_ascend__appointments') }}
),

history as (
    select * from {{ ref('stg_dentrix__appthist') }}
    where apptid is not null
),

operatories as (
    select * from {{ ref('stg_dentrix__operatory') }}
),

ascend_operatories as (
    select * from {{ ref('stg_dentrix_ascend__operatories') }}
),

types as (
    select * from {{ ref('stg_dentrix__appt_type') }}
),

statuses as (
    select * from {{ ref('stg_dentrix__appt_status') }}
),

status_words as (
    select * from {{ ref('dentrix_ascend__appointment_status') }}
),

practices as (
    select
        practice,
        time_zone,
        appointments_as
    from {{ ref('stg_migration__practices') }}
),

-- A practice that sends no list of operatories has their ids.
listing_practices as (
    select _practice
    from operatories
    group by _practice
),

-- A deletion stands unless the history goes on after it.
deleted as (
    select
        _practice,
        apptid
    from history
    group by _practice, apptid
    having
        bool_or(is_deletion)
        and coalesce(max(modified_at) filter (where not is_deletion), '-infinity'::timestamp)
        <= coalesce(max(modified_at) filter (where is_deletion), 'infinity'::timestamp)
),

on_utc as (
    select
        g_series.*,
        practices.time_zone,
        practices.appointments_as,
        {{ to_utc('g_series.starts_at', 'practices.time_zone') }} as start_utc,
        {{ to_utc('g_series.created_at', 'practices.time_zone') }} as created_utc
    from g_series
    left join practices on g_series._practice = practices.practice
),

of_g_series as (
    select
        on_utc._practice,
        on_utc._file,
        on_utc._line,
        on_utc.apptid as appointment_id,
        on_utc.appointments_as,
        on_utc.patid,
        on_utc.patient_name,
        on_utc.provider_id,
        on_utc.operatory_id,
        case
            when operatories.operatory_id is not null or listing_practices._practice is null
                then coalesce(operatories.title, on_utc.operatory_id)
        end as operatory,
        on_utc.appointment_type_id,
        types.description as appointment_type,
        on_utc.status_code,
        case
            when on_utc.status_code = '-106' then 'Complete'
            when on_utc.broken_class = '1' then 'Broken'
            when on_utc.broken_class = '2' then 'Will Call'
            else statuses.description
        end as appointment_status,
        coalesce(on_utc.status_code, '') != '-106'
        and coalesce(on_utc.broken_class, '0') not in ('1', '2') as status_is_own_word,
        on_utc.reason,
        on_utc.note,
        on_utc.start_utc,
        on_utc.start_utc + on_utc.length_in_minutes * interval 1 minute as end_utc,
        on_utc.length_written,
        on_utc.created_utc,
        deleted.apptid is not null as is_deleted,
        on_utc.patid is null and on_utc.patient_name is null as is_block,
        list_concat(
            on_utc._found,
            {{ problems([
                (
                    'on_utc.operatory_id is not null and operatories.operatory_id is null'
                    ~ ' and listing_practices._practice is not null',
                    problem('orphan', 'Operatory__c', 'on_utc.operatory_id'),
                ),
                (
                    'on_utc.appointment_type_id is not null and types.defid is null',
                    problem('orphan', 'Appointment_Type__c', 'on_utc.appointment_type_id'),
                ),
                (
                    "on_utc.status_code not in ('-106', '0')"
                    ~ " and coalesce(on_utc.broken_class, '0') not in ('1', '2')"
                    ~ " and statuses.defid is null",
                    problem('orphan', 'Appointment_Status__c', 'on_utc.status_code'),
                ),
                clock_problem(
                    'on_utc.starts_at', 'on_utc.start_utc', 'on_utc.time_zone', 'StartDateTime'
                ),
                clock_problem(
                    'on_utc.created_at', 'on_utc.created_utc', 'on_utc.time_zone',
                    'Original_Create_Date__c',
                ),
            ]) }}
        ) as _found
    from on_utc
    left join operatories
        on
            on_utc._practice = operatories._practice
            and on_utc.operatory_id = operatories.operatory_id
    left join listing_practices on on_utc._practice = listing_practices._practice
    left join types
        on
            on_utc._practice = types._practice
            and on_utc.appointment_type_id = types.defid
    left join statuses
        on
            on_utc._practice = statuses._practice
            and on_utc.status_code = statuses.defid
    left join deleted
        on on_utc._practice = deleted._practice and on_utc.apptid = deleted.apptid
),

-- Ascend has no types of appointment: its title says what is to be done; where there is no
-- patient it says who is to come.
of_ascend as (
    select
        ascend._practice,
        ascend._file,
        ascend._line,
        ascend.appointment_id,
        practices.appointments_as,
        ascend.patient_id as patid,
        case when ascend.patient_id is null then ascend.title end as patient_name,
        ascend.provider_id,
        ascend.operatory_id,
        case
            when operatories.operatory_id is not null
                then coalesce(operatories.title, operatories.operatory_id)
        end as operatory,
        null::varchar as appointment_type_id,
        null::varchar as appointment_type,
        null::varchar as status_code,
        coalesce(
            status_words.status,
            {{ proper_name("replace(lower(ascend.status_word), '_', ' ')") }}
        ) as appointment_status,
        false as status_is_own_word,
        case when ascend.patient_id is not null then ascend.title end as reason,
        ascend.note,
        ascend.start_utc,
        ascend.end_utc,
        ascend.end_written as length_written,
        ascend.created_utc,
        false as is_deleted,
        ascend.patient_id is null and ascend.title is null as is_block,
        list_concat(
            ascend._found,
            {{ problems([
                (
                    'ascend.operatory_id is not null and operatories.operatory_id is null',
                    problem('orphan', 'Operatory__c', 'ascend.operatory_id'),
                ),
            ]) }}
        ) as _found
    from ascend
    left join practices on ascend._practice = practices.practice
    left join ascend_operatories as operatories
        on
            ascend._practice = operatories._practice
            and ascend.operatory_id = operatories.operatory_id
    left join status_words
        on lower(replace(ascend.status_word, ' ', '_')) = status_words.word
),

final as (
    select * from of_g_series
    union all
    select * from of_ascend
)

select * from final
