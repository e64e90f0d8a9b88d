with claims as (
    select * from {{ ref('stg_dental_exec__claims') }}
),

people as (
    select * from {{ ref('int_dental_exec__money_people') }}
),

final as (
    select
        claims._practice,
        claims._file,
        claims._line,
        claims.claim_id,
        coalesce(people.survivor_id, claims.patient_id) as patient_id,
        claims.carrier_name as carrier,
        not claims.is_closed as is_open,
        claims.claim_date,
        claims.billed,
        claims.received,
        list_concat(
            claims._found,
            {{ problems([(
                'claims.patient_id is not null and people.patient_id is null',
                problem('orphan', 'patient_key', 'claims.patient_id'),
            )]) }}
        ) as _found
    from claims
    left join people
        on claims._practice = people._practice and claims.patient_id = people.patient_id
)

select * from final
