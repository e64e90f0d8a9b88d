with notes as (
    select
        _practice,
        appt_id,
        {{ migration_key('_practice', 'note', 'note_id') }} as note_key,
        struct_pack(
            is_signed := is_signed,
            noted_utc := noted_utc,
            number := coalesce(try_cast(note_id as ubigint), 0),
            id := note_id
        ) as place
    from {{ ref('int_dental_exec__note_rows') }}
    where note_id is not null and appt_id is not null
),

records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dental_exec__note') }}
),

final as (
    select
        notes._practice,
        notes.appt_id,
        max_by(notes.note_key, notes.place) as note_key
    from notes
    inner join records on notes.note_key = records.key and not records._held_back
    group by notes._practice, notes.appt_id
)

select * from final
