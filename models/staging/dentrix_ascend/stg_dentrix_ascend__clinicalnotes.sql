with source as (
    select
        id,
        datedas,
        text,
        signeddate,
        provider,
        patient,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'clinicalnotes') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

-- Each time is read once, then judged.
read as (
    select
        *,
        {{ read_timestamp('datedas') }} as dated_read,
        {{ read_timestamp('signeddate') }} as signed_read
    from source
),

judged as (
    select
        read.*,
        {{ ascend_utc('datedas', read='dated_read') }} as dated_utc,
        {{ ascend_date('datedas', 'practices.time_zone', read='dated_read') }} as note_date,
        {{ ascend_utc('signeddate', read='signed_read') }} as signed_utc
    from read
    left join practices on read._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ ascend_id('id') }} as note_id,
        {{ ascend_id('patient') }} as patient_id,
        {{ ascend_id('provider') }} as provider_id,
        dated_utc,
        note_date,
        signed_utc is not null as is_signed,
        {{ clean_text('text') }} as note,
        {{ problems(
            date_problems('datedas', 'note_date', 'dated_read', 'Note_Date__c')
            + date_problems('signeddate', 'signed_utc', 'signed_read', 'Signed__c')
        ) }} as _found
    from judged
)

select * from final
