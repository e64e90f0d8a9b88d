with claims as (
    select
        _practice,
        claim_id,
        patid,
        carrier,
        claim_date,
        billed,
        received,
        _file,
        _line
    from {{ ref('int_dentrix__claims') }}
    where is_open
    union all
    select
        _practice,
        claim_id,
        patient_id as patid,
        carrier,
        claim_date,
        billed,
        received,
        _file,
        _line
    from {{ ref('int_dental_exec__claims') }}
    where is_open
),

final as (
    select
        _practice as practice,
        claim_id,
        {{ migration_key('_practice', 'patient', 'patid') }} as patient_key,
        carrier,
        claim_date,
        billed,
        received,
        (billed - coalesce(received, 0))::decimal(16, 2) as outstanding,
        _file as file,
        _line as line
    from claims
)

select * from final
