with source as (
    select
        cnotesid,
        patid,
        provid,
        createdatetime,
        lockeddate,
        notetext,
        txcaseid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'clinicalnote') }}
),

practices as (
    select
        practice,
        time_zone
    from {{ ref('stg_migration__practices') }}
),

-- Each date is read once, then judged.
read as (
    select
        *,
        {{ read_timestamp('createdatetime') }} as created_read,
        {{ read_timestamp('lockeddate') }} as locked_read
    from source
),

judged as (
    select
        read.*,
        {{ parse_timestamp(
            'createdatetime', time_zone='practices.time_zone', read='created_read'
        ) }} as created_at,
        {{ parse_timestamp('lockeddate', read='locked_read') }} as locked_at
    from read
    left join practices on read._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('cnotesid') }} as cnotesid,
        {{ id_or_null('patid') }} as patid,
        {{ id_or_null('provid') }} as provider_id,
        {{ id_or_null('txcaseid') }} as txcaseid,
        created_at,
        locked_at is not null as is_signed,
        {{ clean_text('notetext') }} as note,
        {{ problems(
            date_problems('createdatetime', 'created_at', 'created_read', 'Note_Date__c')
            + date_problems('lockeddate', 'locked_at', 'locked_read', 'Signed__c')
        ) }} as _found
    from judged
)

select * from final
