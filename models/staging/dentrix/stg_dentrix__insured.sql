with source as (
    select
        insuredid,
        insplanid,
        inspartyid,
        idnum,
        eligibilitystart,
        eligibilityend,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'insured') }}
),

-- Each date is read once, then judged.
read as (
    select
        *,
        {{ read_timestamp('eligibilitystart') }} as start_read,
        {{ read_timestamp('eligibilityend') }} as end_read
    from source
),

dated as (
    select
        *,
        {{ parse_date('eligibilitystart', read='start_read') }} as eligibility_start,
        {{ parse_date('eligibilityend', read='end_read') }} as eligibility_end
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('insuredid') }} as insuredid,
        {{ id_or_null('insplanid') }} as insid,
        {{ id_or_null('inspartyid') }} as subscriber_patid,
        {{ clean_text('idnum') }} as subscriber_id,
        eligibility_start,
        eligibility_end,
        {{ problems(
            date_problems('eligibilitystart', 'eligibility_start', 'start_read', 'Eligibility_Start__c')
            + date_problems('eligibilityend', 'eligibility_end', 'end_read', 'Eligibility_End__c')
        ) }} as _found
    from dated
)

select * from final
