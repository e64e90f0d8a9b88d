with source as (
    select
        id,
        startdate,
        enddate,
        relationshiptosubscriber,
        responsibilities,
        patient,
        subscriberinsuranceplan,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'patientinsuranceplans') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

relationships as (
    select word, relationship
    from {{ ref('dentrix_ascend__relationship') }}
),

-- Each date is read once, then judged.
read as (
    select
        source.*,
        practices.time_zone,
        upper({{ clean_text('source.relationshiptosubscriber') }}) as relationship_word,
        {{ read_timestamp('source.startdate') }} as start_read,
        {{ read_timestamp('source.enddate') }} as end_read
    from source
    left join practices on source._practice = practices.practice
),

dated as (
    select
        read.*,
        relationships.relationship as known_relationship,
        {{ ascend_date('startdate', 'time_zone', read='start_read') }} as eligibility_start,
        {{ ascend_date('enddate', 'time_zone', read='end_read') }} as eligibility_end
    from read
    left join relationships on read.relationship_word = relationships.word
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as patient_plan_id,
        {{ ascend_id('patient') }} as patid,
        {{ ascend_id('subscriberinsuranceplan') }} as insured_id,
        {{ ascend_words('responsibilities') }} as responsibilities,
        -- As with G-series' codes, what is none of the known is another relationship.
        coalesce(known_relationship, case when relationship_word is not null then 'Other' end)
            as relationship,
        eligibility_start,
        eligibility_end,
        {{ problems(
            date_problems('startdate', 'eligibility_start', 'start_read', 'Eligibility_Start__c')
            + date_problems('enddate', 'eligibility_end', 'end_read', 'Eligibility_End__c')
            + [
                (
                    'relationship_word is not null and known_relationship is null',
                    problem('not_in_picklist', 'Relationship__c', 'relationshiptosubscriber'),
                ),
            ]
        ) }} as _found
    from dated
)

select * from final
