with source as (
    select
        contactid,
        contactdate,
        contacttime,
        patid,
        provid,
        title,
        contacttype,
        note,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'contact') }}
),

-- Each date is read once, then judged. A time is a number of minutes, else a clock's.
read as (
    select
        *,
        {{ read_timestamp('contactdate') }} as date_read,
        {{ parse_integer('contacttime') }} as minutes
    from source
),

clocked as (
    select
        *,
        case
            when minutes is null and contacttime is not null
                then {{ read_timestamp("'2000-01-01 ' || " ~ clean_text('contacttime')) }}
        end as clock_read
    from read
),

judged as (
    select
        *,
        {{ parse_date('contactdate', read='date_read') }} as contact_date,
        case
            when minutes is not null and minutes not between 0 and 1439 then null
            else coalesce(minutes * interval 1 minute, clock_read - timestamp '2000-01-01 00:00:00')
        end as since_midnight
    from clocked
),

typed as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('contactid') }} as contactid,
        {{ id_or_null('patid') }} as patid,
        {{ id_or_null('provid') }} as provider_id,
        {{ clean_text('title') }} as title,
        {{ clean_text('contacttype') }} as contact_type,
        {{ clean_text('note') }} as note,
        contact_date,
        contact_date::timestamp + since_midnight as contacted_at,
        case when contact_date is null then contactdate end as date_written,
        case when since_midnight is null then contacttime end as time_written,
        {{ problems(
            date_problems('contactdate', 'contact_date', 'date_read', 'ActivityDate')
            + [
                ('minutes not between 0 and 1439', problem('out_of_range', 'Original_Start__c', 'contacttime')),
                (
                    clean_text('contacttime') ~ ' is not null and minutes is null and clock_read is null',
                    problem('unreadable_date', 'Original_Start__c', 'contacttime'),
                ),
            ]
        ) }} as _found
    from judged
),

-- What says the same in all columns but the id is the same entry, written twice. What cannot be
-- read is compared as it is written.
final as (
    select
        * exclude (date_written, time_written, _found),
        {{ row_hash([
            'contact_date', 'contacted_at', 'date_written', 'time_written', 'patid', 'provider_id', 'title',
            'contact_type', 'note',
        ]) }} as content_hash,
        _found
    from typed
)

select * from final
