with plans as (
    select * from {{ ref('int_dentrix__carrier_rows') }}
    union all by name
    select * from {{ ref('int_dental_exec__carrier_rows') }}
),

aliases as (
    select list(alias || chr(31) || name order by length(alias) desc, alias) as known
    from {{ ref('carrier_aliases') }}
),

-- A few hundred spellings stand for a million plans: each is normalised once.
spellings as (
    select distinct carrier_name
    from plans
    where carrier_name is not null
),

normalised as (
    select
        spellings.carrier_name,
        {{ normalised_carrier_name('spellings.carrier_name', 'aliases.known') }} as normalised_name
    from spellings
    cross join aliases
),

final as (
    select
        plans._practice,
        plans._file,
        plans._line,
        plans.table_name,
        plans.carrier_id,
        plans.carrier_name,
        normalised.normalised_name,
        {{ carrier_key('normalised.normalised_name') }} as carrier_key,
        plans.payer_id,
        plans.phone,
        plans.street,
        plans.city,
        plans.state,
        plans.postal_code
    from plans
    left join normalised on plans.carrier_name = normalised.carrier_name
)

select * from final
