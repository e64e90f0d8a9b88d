{#- Tables are named where they are read: a CTE read twice would hold all patients in memory. -#}
with aging as (
    select * from {{ ref('int_dentrix__family_balances') }}
),

accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

families as (
    select
        _practice,
        family_patid,
        count(*) as members
    from {{ ref('int_dentrix__family_members') }}
    group by _practice, family_patid
),

-- A guarantor without a last name still has a family: it bears the name of the first member who
-- has one.
nameless as (
    select
        _practice,
        patid
    from {{ ref('int_dentrix__patients') }}
    where last_name is null
),

names_of_members as (
    select
        members._practice,
        members.family_patid,
        min_by(patients.last_name, (try_cast(patients.patid as decimal(38, 0)), patients.patid))
            as last_name
    from nameless
    inner join {{ ref('int_dentrix__family_members') }} as members
        on
            nameless._practice = members._practice
            and nameless.patid = members.family_patid
    inner join {{ ref('int_dentrix__patients') }} as patients
        on members._practice = patients._practice and members.patid = patients.patid
    where patients.last_name is not null
    group by members._practice, members.family_patid
),

described as (
    select
        families._practice,
        families.family_patid,
        families.members,
        guarantors._file,
        guarantors._line,
        guarantors.first_name,
        coalesce(
            coalesce(guarantors.last_name, names_of_members.last_name) || ' Family',
            'Family ' || families.family_patid
        ) as plain_name,
        guarantors.home_phone as phone,
        coalesce(guarantors.billing_address_id, guarantors.mailing_address_id) as address_id,
        {%- for part in ('street', 'city', 'state', 'postal_code', 'country') %}
        case
            when guarantors.billing_address_id is not null then guarantors.billing_{{ part }}
            else guarantors.mailing_{{ part }}
        end as {{ part }},
        {%- endfor %}
        guarantors.home_phone_address_id as phone_address_id
    from families
    inner join {{ ref('int_dentrix__patients') }} as guarantors
        on
            families._practice = guarantors._practice
            and families.family_patid = guarantors.patid
    left join names_of_members
        on
            families._practice = names_of_members._practice
            and families.family_patid = names_of_members.family_patid
),

keyed as (
    select
        *,
        {{ migration_key('_practice', 'family', 'family_patid') }} as family_key,
        lower(plain_name) as compared_name,
        coalesce(upper(replace(postal_code, ' ', '')), '') as compared_postal_code
    from described
),

counted as (
    select
        *,
        count(*) over (partition by compared_name, compared_postal_code) as same_name,
        count(*) over (
            partition by compared_name, compared_postal_code, lower(first_name)
        ) as same_name_and_first_name
    from keyed
),

named as (
    select
        *,
        case
            when same_name = 1 then plain_name
            when first_name is null then plain_name || ' (' || family_patid || ')'
            when same_name_and_first_name = 1 then plain_name || ' (' || first_name || ')'
            else plain_name || ' (' || first_name || ', ' || family_patid || ')'
        end as family_name
    from counted
),

-- Accounts the org has under a family's plain name. One that already is the record of a family
-- of that name is no candidate for another.
candidates as (
    select
        named.family_key,
        accounts.id,
        accounts.migration_key
    from named
    inner join accounts
        on
            named.compared_name = lower(accounts.name)
            and named.compared_postal_code
            = upper(replace(accounts.billing_postal_code, ' ', ''))
    left join keyed as namesakes
        on
            accounts.migration_key = namesakes.family_key
            and named.compared_name = namesakes.compared_name
            and named.compared_postal_code = namesakes.compared_postal_code
    where
        named.compared_postal_code != ''
        and coalesce(accounts.account_kind, 'Family') = 'Family'
        and namesakes.family_key is null
),

matches as (
    select
        family_key,
        count(*) as candidates,
        min(id) filter (where migration_key is null) as free_id,
        string_agg(id, ', ' order by id) as ids
    from candidates
    group by family_key
),

-- What the org already has under the family's own key needs no adoption.
already_ours as (
    select migration_key
    from accounts
    where migration_key is not null
    group by migration_key
),

adopting as (
    select
        named.*,
        matches.ids,
        already_ours.migration_key is null and matches.candidates = 1 and named.same_name = 1
        and matches.free_id is not null as adopts,
        matches.candidates >= 1 as has_candidates,
        matches.free_id
    from named
    left join matches on named.family_key = matches.family_key
    left join already_ours on named.family_key = already_ours.migration_key
),

final as (
    select
        adopting._practice,
        adopting._file,
        adopting._line,
        adopting.family_patid,
        adopting.family_key,
        adopting.family_name,
        adopting.members,
        adopting.phone,
        adopting.phone_address_id,
        adopting.address_id,
        adopting.street,
        adopting.city,
        adopting.state,
        adopting.postal_code,
        adopting.country,
        aging.balance_0_30,
        aging.balance_31_60,
        aging.balance_61_90,
        aging.balance_over_90,
        aging.outstanding_balance,
        case when adopting.adopts then adopting.free_id end as _adopt_id,
        list_concat(
            coalesce(aging._found, {{ no_problems() }}),
            {{ problems([
                (
                    'adopting.has_candidates and not adopting.adopts',
                    problem('ambiguous_match', 'Name', 'adopting.ids'),
                ),
            ]) }}
        ) as _found
    from adopting
    left join aging
        on
            adopting._practice = aging._practice
            and adopting.family_patid = aging.family_patid
)

select * from final
