with note_rows as (
    select * from {{ ref('int_dental_exec__note_rows') }}
    where note_id is not null
),

note_parts as (
    select * from {{ ref('int_dental_exec__note_parts') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

attribution as (
    select * from {{ ref('int_dental_exec__attribution') }}
),

visits as (
    select * from {{ ref('int_dental_exec__visit_keys') }}
),

final as (
    select
        note_rows._practice,
        note_rows._file,
        note_rows._line,
        note_rows.note_id,
        case
            when note_parts.part > 1 then note_rows.note_id || '-' || note_parts.part
            else note_rows.note_id
        end as part_id,
        coalesce(note_parts.part, 1) as part,
        coalesce(groups.survivor_patid, note_rows.patient_id) as patient_id,
        note_rows.appt_id,
        note_rows.note_date,
        note_rows.noted_utc,
        note_rows.is_signed,
        coalesce(note_parts.body, note_rows.note) as body,
        attribution.provider_contact_key,
        visits.visit_key,
        -- What is wrong with a note is said once, of its first part; what holds it back, of all.
        list_filter(
            list_concat(
                note_rows._found,
                {{ problems([
                    (
                        'note_rows.patient_id is not null and groups.survivor_patid is null',
                        problem(
                            'orphan', 'Account__r.Migration_Key__c', 'note_rows.patient_id',
                            held_back=true,
                        ),
                    ),
                    (
                        'note_rows.provider_id is not null and attribution.provider_id is null',
                        problem(
                            'orphan', 'Provider_Contact__r.Migration_Key__c',
                            'note_rows.provider_id',
                        ),
                    ),
                    (
                        'note_rows.appt_id is not null and visits.appt_id is null',
                        problem('orphan', 'Visit_Key__c', 'note_rows.appt_id'),
                    ),
                ]) }}
            ),
            lambda x: coalesce(note_parts.part, 1) = 1 or x.held_back or x.field = 'Note_Date__c'
        ) as _found
    from note_rows
    left join note_parts
        on
            note_rows._practice = note_parts._practice
            and note_rows.note_id = note_parts.note_id
    left join groups
        on note_rows._practice = groups._practice and note_rows.patient_id = groups.patid
    left join attribution
        on
            note_rows._practice = attribution._practice
            and note_rows.provider_id = attribution.provider_id
    left join visits
        on note_rows._practice = visits._practice and note_rows.appt_id = visits.appt_id
)

select * from final
