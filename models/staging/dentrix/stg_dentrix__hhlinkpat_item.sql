with source as (
    select
        linkid,
        patid,
        hhitemid,
        status,
        reporteddate,
        startdate,
        enddate,
        note,
        critical,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'hhlinkpat_item') }}
),

-- Each date is read once, then judged.
read as (
    select
        *,
        {{ read_timestamp('reporteddate') }} as reported_read,
        {{ read_timestamp('startdate') }} as start_read,
        {{ read_timestamp('enddate') }} as end_read
    from source
),

dated as (
    select
        *,
        {{ parse_date('reporteddate', read='reported_read') }} as reported_date,
        {{ parse_date('startdate', read='start_read') }} as start_date,
        {{ parse_date('enddate', read='end_read') }} as end_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('linkid') }} as linkid,
        {{ id_or_null('patid') }} as patid,
        {{ id_or_null('hhitemid') }} as item_id,
        -- What says nothing does not say that the alert has ended.
        {{ clean_text('status') }} is not null and coalesce({{ parse_integer('status') }} != 1, true)
            as is_ended,
        reported_date,
        start_date,
        end_date,
        {{ clean_text('note') }} as note,
        {{ parse_flag('critical') }} as is_critical,
        {{ problems(
            date_problems('reporteddate', 'reported_date', 'reported_read', 'Details__c')
            + date_problems('startdate', 'start_date', 'start_read', 'Start_Date__c')
            + date_problems('enddate', 'end_date', 'end_read', 'End_Date__c')
            + [(
                clean_text('critical') ~ ' is not null and ' ~ parse_flag('critical') ~ ' is null',
                problem('not_in_picklist', 'Critical__c', 'critical'),
            )]
        ) }} as _found
    from dated
)

select * from final
