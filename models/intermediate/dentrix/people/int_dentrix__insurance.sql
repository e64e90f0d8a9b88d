with links as (
    select * from {{ ref('int_dentrix__insurance_links') }}
    where outcome = 'record'
),

insured as (
    select * from {{ ref('int_dentrix__insured_rows') }}
),

plans as (
    select * from {{ ref('int_dentrix__carrier_plan_rows') }}
),

carriers as (
    select * from {{ ref('int_shared__carrier_spellings') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

-- The record's row is the insured one, or the patient's own plan where that is a row.
final as (
    select
        links._practice,
        case when links.is_own_row then links._file else insured._file end as _file,
        case when links.is_own_row then links._line else insured._line end as _line,
        links.survivor_patid || case links.priority when 'Primary' then '-P' else '-S' end
            as insurance_id,
        links.survivor_patid as patid,
        links.priority,
        links.insured_id,
        links.relationship,
        carriers.carrier_key,
        insured.plan_id,
        plans.group_number,
        plans.group_name,
        insured.subscriber_id,
        coalesce(subscribers.survivor_patid, insured.subscriber_patid) as subscriber_patid,
        coalesce(links.eligibility_start, insured.eligibility_start) as eligibility_start,
        coalesce(links.eligibility_end, insured.eligibility_end) as eligibility_end,
        list_concat(
            {{ problems_at('insured._found', 'insured._file', 'insured._line') }},
            {{ problems_at('links._found', 'links._file', 'links._line') }},
            {{ problems([
                (
                    'coalesce(plans.carrier_id, insured.plan_id) is not null and carriers.carrier_key is null',
                    problem(
                        'orphan', 'Carrier__r.Migration_Key__c',
                        'coalesce(plans.carrier_id, insured.plan_id)',
                        file='insured._file', line='insured._line',
                    ),
                ),
            ]) }}
        ) as _found
    from links
    inner join insured
        on links._practice = insured._practice and links.insured_id = insured.insured_id
    left join plans
        on insured._practice = plans._practice and insured.plan_id = plans.plan_id
    left join carriers
        on plans._practice = carriers._practice and plans.carrier_id = carriers.carrier_id
    left join groups as subscribers
        on
            insured._practice = subscribers._practice
            and insured.subscriber_patid = subscribers.patid
)

select * from final
