with prospects as (
    select * from {{ ref('stg_dental_exec__prospects') }}
    where prospect_id is not null
),

statuses as (
    select * from {{ ref('dental_exec__lead_status') }}
),

ratings as (
    select * from {{ ref('dental_exec__lead_rating') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

final as (
    select
        prospects._practice,
        prospects._file,
        prospects._line,
        {{ migration_key('prospects._practice', 'lead', 'prospects.prospect_id') }} as lead_key,
        case
            when prospects.converted_patient_id is not null then 'became a patient'
            when not statuses.is_lead then 'has an appointment'
        end as skipped_because,
        not coalesce(statuses.is_lead, true) and prospects.converted_patient_id is null as lacks_patient,
        prospects.first_name,
        prospects.last_name,
        practices.lead_company as company,
        prospects.phone,
        prospects.email,
        prospects.lead_source,
        prospects.inquiry_date,
        statuses.status,
        ratings.rating,
        list_concat(
            prospects._found,
            {{ problems([
                (
                    'prospects.status is not null and statuses.word is null',
                    problem('not_in_picklist', 'Status', 'prospects.status'),
                ),
                (
                    'prospects.interest_level is not null and ratings.word is null',
                    problem('not_in_picklist', 'Rating', 'prospects.interest_level'),
                ),
            ]) }}
        ) as _found
    from prospects
    left join statuses on {{ words_of('prospects.status') }} = statuses.word
    left join ratings on {{ words_of('prospects.interest_level') }} = ratings.word
    left join practices on prospects._practice = practices.practice
)

select * from final
