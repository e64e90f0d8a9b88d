with source as (
    select
        note_id,
        patient_id,
        provider_id,
        appt_id,
        note_date,
        signed,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'notes') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

read as (
    select
        *,
        {{ read_timestamp('note_date') }} as note_date_read
    from source
),

judged as (
    select
        read.*,
        {{ parse_timestamp(
            'note_date', time_zone='practices.time_zone', read='note_date_read'
        ) }} as noted_at
    from read
    left join practices on read._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('note_id') }} as note_id,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ id_or_null('appt_id') }} as appt_id,
        noted_at,
        coalesce({{ parse_flag('signed') }}, false) as is_signed,
        {{ problems(
            date_problems('note_date', 'noted_at', 'note_date_read', 'Note_Date__c') + [(
                clean_text('signed') ~ ' is not null and ' ~ parse_flag('signed') ~ ' is null',
                problem('not_in_picklist', 'Signed__c', 'signed'),
            )]
        ) }} as _found
    from judged
)

select * from final
