with links as (
    select * from {{ ref('int_dentrix__insurance_links') }}
    where outcome = 'record'
),

insured as (
    select * from {{ ref('stg_dentrix__insured') }}
),

plans as (
    select * from {{ ref('stg_dentrix__inscarrier') }}
),

carriers as (
    select * from {{ ref('int_shared__carrier_spellings') }}
),

groups as (
    select * from {{ ref('int_dentrix__patient_groups') }}
),

final as (
    select
        links._practice,
        insured._file,
        insured._line,
        links.survivor_patid || case links.priority when 'Primary' then '-P' else '-S' end
            as insurance_id,
        links.survivor_patid as patid,
        links.priority,
        links.insuredid,
        links.relationship,
        carriers.carrier_key,
        insured.insid,
        plans.group_number,
        plans.group_name,
        insured.subscriber_id,
        coalesce(subscribers.survivor_patid, insured.subscriber_patid) as subscriber_patid,
        insured.eligibility_start,
        insured.eligibility_end,
        list_concat(
            insured._found,
            {{ problems([
                (
                    'insured.insid is not null and carriers.carrier_key is null',
                    problem('orphan', 'Carrier__r.Migration_Key__c', 'insured.insid'),
                ),
            ]) }}
        ) as _found
    from links
    inner join insured
        on links._practice = insured._practice and links.insuredid = insured.insuredid
    left join plans
        on insured._practice = plans._practice and insured.insid = plans.insid
    left join carriers
        on insured._practice = carriers._practice and insured.insid = carriers.insid
    left join groups as subscribers
        on
            insured._practice = subscribers._practice
            and insured.subscriber_patid = subscribers.patid
)

select * from final
