with notes as (
    select * from {{ ref('stg_dental_exec__notes') }}
),

texts as (
    select * from {{ ref('stg_dental_exec__note_texts') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

on_utc as (
    select
        notes.*,
        texts.note,
        texts.is_unread,
        texts.lost,
        practices.time_zone,
        {{ to_utc('notes.noted_at', 'practices.time_zone') }} as noted_utc
    from notes
    left join texts on notes._practice = texts._practice and notes.note_id = texts.note_id
    left join practices on notes._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        note_id,
        patient_id,
        provider_id,
        appt_id,
        noted_at::date as note_date,
        noted_utc,
        is_signed,
        note,
        list_concat(
            _found,
            {{ problems([
                clock_problem('noted_at', 'noted_utc', 'time_zone', 'Original_Note_Date__c'),
                (
                    'is_unread',
                    problem(
                        'file_missing', 'Body__c', 'lost', held_back=true,
                        action='Land the set again: the note itself is no longer in raw/files.',
                    ),
                ),
                (
                    'not is_unread and lost is not null',
                    problem(
                        'adjusted', 'Body__c', 'lost',
                        action='Compare the text with the note in the source: this part could not be read.',
                    ),
                ),
            ]) }}
        ) as _found
    from on_utc
)

select * from final
