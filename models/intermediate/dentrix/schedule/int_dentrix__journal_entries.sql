with entries as (
    select * from {{ ref('stg_dentrix__contact') }}
    where contactid is not null
),

contact_types as (
    select * from {{ ref('dentrix__contact_type') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

attribution as (
    select * from {{ ref('int_dentrix__attribution') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

-- Of entries that are equal in all but the id, the lowest id stands.
first_entries as (
    select
        _practice,
        content_hash,
        min_by(contactid, (coalesce(try_cast(contactid as decimal(38, 0)), 1e37), contactid))
            as contactid
    from entries
    group by _practice, content_hash
),

on_utc as (
    select
        entries.*,
        practices.time_zone,
        {{ to_utc('entries.contacted_at', 'practices.time_zone') }} as contacted_utc
    from entries
    left join practices on entries._practice = practices.practice
),

final as (
    select
        on_utc._practice,
        on_utc._file,
        on_utc._line,
        on_utc.contactid,
        on_utc.contactid != first_entries.contactid as is_repeat,
        coalesce(groups.survivor_patid, on_utc.patid) as patid,
        on_utc.title,
        -- The platform makes a plain task of what says nothing.
        coalesce(contact_types.task_subtype, 'Task') as task_subtype,
        on_utc.contact_date,
        on_utc.contacted_utc,
        on_utc.note,
        attribution.provider_user_id,
        attribution.provider_contact_key,
        list_concat(
            on_utc._found,
            {{ problems([
                (
                    'on_utc.patid is not null and groups.survivor_patid is null',
                    problem('orphan', 'Who.Migration_Key__c', 'on_utc.patid', held_back=true),
                ),
                (
                    'on_utc.provider_id is not null and attribution.provider_id is null',
                    problem('orphan', 'Provider_Contact__r.Migration_Key__c', 'on_utc.provider_id'),
                ),
                (
                    'on_utc.contact_type is not null and contact_types.word is null',
                    problem('not_in_picklist', 'TaskSubtype', 'on_utc.contact_type'),
                ),
                clock_problem(
                    'on_utc.contacted_at', 'on_utc.contacted_utc', 'on_utc.time_zone',
                    'Original_Start__c',
                ),
            ]) }}
        ) as _found
    from on_utc
    inner join first_entries
        on
            on_utc._practice = first_entries._practice
            and on_utc.content_hash = first_entries.content_hash
    left join contact_types on lower(on_utc.contact_type) = contact_types.word
    left join groups on on_utc._practice = groups._practice and on_utc.patid = groups.patid
    left join attribution
        on
            on_utc._practice = attribution._practice
            and on_utc.provider_id = attribution.provider_id
)

select * from final
