with g_series as (
    select * from {{ ref('stg_dentrix__claim') }}
),

ascend as (
    select * from {{ ref('stg_dentrix_ascend__insuranceclaims') }}
),

plans as (
    select * from {{ ref('stg_dentrix__inscarrier') }}
),

people as (
    select * from {{ ref('int_dentrix__ledger_people') }}
),

claims as (
    select
        g_series._practice,
        g_series._file,
        g_series._line,
        'claim' as table_name,
        g_series.claimid as claim_id,
        g_series.patid,
        plans.carrier_name as carrier,
        g_series.insid is not null and plans.insid is null as carrier_is_missing,
        g_series.insid as carrier_id,
        g_series.is_predetermination,
        g_series.is_received as is_closed,
        g_series.claim_date,
        g_series.billed,
        g_series.received,
        g_series._found
    from g_series
    left join plans on g_series._practice = plans._practice and g_series.insid = plans.insid
    union all
    select
        _practice,
        _file,
        _line,
        'insuranceclaims' as table_name,
        claim_id,
        patid,
        carrier_name as carrier,
        false as carrier_is_missing,
        null::varchar as carrier_id,
        is_predetermination,
        is_closed,
        claim_date,
        billed,
        received,
        _found
    from ascend
),

final as (
    select
        claims.* exclude (patid, carrier_is_missing, carrier_id, _found),
        coalesce(people.survivor_patid, claims.patid) as patid,
        not claims.is_predetermination and not claims.is_closed as is_open,
        list_concat(
            claims._found,
            {{ problems([
                (
                    'claims.patid is not null and people.patid is null',
                    problem('orphan', 'patient_key', 'claims.patid'),
                ),
                (
                    'claims.carrier_is_missing',
                    problem('orphan', 'carrier', 'claims.carrier_id'),
                ),
            ]) }}
        ) as _found
    from claims
    left join people on claims._practice = people._practice and claims.patid = people.patid
)

select * from final
