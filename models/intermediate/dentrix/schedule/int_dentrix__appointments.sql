with appointment_rows as (
    select * from {{ ref('int_dentrix__appointment_rows') }}
    where appointment_id is not null and not is_deleted and not is_block
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

patients as (
    select * from {{ ref('int_dentrix__patients') }}
),

attribution as (
    select * from {{ ref('int_dentrix__attribution') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

active_users as (
    select
        email,
        min(id) as user_id
    from {{ ref('stg_salesforce__users') }}
    where is_active and email is not null
    group by email
    having count(*) = 1
),

described as (
    select
        appointment_rows.* exclude (patid, end_utc, _found),
        groups.survivor_patid,
        coalesce(groups.survivor_patid, appointment_rows.patid) as patid,
        coalesce(
            nullif(concat_ws(' ', patients.first_name, patients.last_name), ''),
            {{ person_name_of('appointment_rows.patient_name') }}
        ) as person,
        coalesce(appointment_rows.appointment_type, appointment_rows.reason) as procedure_type,
        attribution.provider_id is not null as provider_is_known,
        attribution.provider_user_id,
        attribution.provider_contact_key,
        coalesce(attribution.provider_user_id, fallback.user_id) as owner_user_id,
        appointment_rows.end_utc as given_end_utc,
        coalesce(appointment_rows.end_utc < appointment_rows.start_utc, false)
        or coalesce(appointment_rows.end_utc > appointment_rows.start_utc + interval 14 day, false)
            as is_of_impossible_length,
        coalesce(list_contains(
            list_transform(appointment_rows._found, lambda x: x.field), 'EndDateTime'
        ), false) as end_is_unreadable,
        appointment_rows._found
    from appointment_rows
    left join groups
        on
            appointment_rows._practice = groups._practice
            and appointment_rows.patid = groups.patid
    left join patients
        on
            groups._practice = patients._practice
            and groups.survivor_patid = patients.patid
    left join attribution
        on
            appointment_rows._practice = attribution._practice
            and appointment_rows.provider_id = attribution.provider_id
    left join practices on appointment_rows._practice = practices.practice
    left join active_users as fallback on practices.fallback_owner = fallback.email
),

final as (
    select
        _practice,
        _file,
        _line,
        appointment_id,
        appointments_as,
        patid,
        nullif(concat_ws(' – ', person, procedure_type), '') as subject,
        start_utc,
        -- A visit of no length takes a quarter of an hour.
        case
            when is_of_impossible_length or given_end_utc > start_utc then given_end_utc
            else start_utc + interval 15 minute
        end as end_utc,
        operatory_id,
        operatory,
        appointment_type_id,
        appointment_type,
        status_code,
        status_is_own_word,
        appointment_status,
        nullif(concat_ws(chr(10), reason, note), '') as description,
        provider_user_id,
        provider_contact_key,
        owner_user_id,
        created_utc,
        list_concat(
            _found,
            {{ problems([
                ('patid is null', problem('missing_required', 'Who.Migration_Key__c')),
                (
                    'patid is not null and survivor_patid is null',
                    problem('orphan', 'Who.Migration_Key__c', 'patid', held_back=true),
                ),
                (
                    'provider_id is not null and not provider_is_known',
                    problem('orphan', 'Provider_Contact__r.Migration_Key__c', 'provider_id'),
                ),
                (
                    'is_of_impossible_length',
                    problem('out_of_range', 'EndDateTime', 'length_written', held_back=true),
                ),
                (
                    'start_utc is not null and not is_of_impossible_length and not end_is_unreadable'
                    ~ ' and coalesce(given_end_utc = start_utc, true)',
                    problem('adjusted', 'EndDateTime', 'length_written'),
                ),
            ]) }}
        ) as _found
    from described
)

select * from final
