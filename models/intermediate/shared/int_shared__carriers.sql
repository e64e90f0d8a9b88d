with spellings as (
    select * from {{ ref('int_shared__carrier_spellings') }}
    where carrier_key is not null
),

accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

aliases as (
    select list(alias || chr(31) || name order by length(alias) desc, alias) as known
    from {{ ref('carrier_aliases') }}
),

-- The name that is written most often wins; on a tie the first in the alphabet, so that the
-- same files always give the same name.
ranked_spellings as (
    select
        carrier_key,
        carrier_name,
        row_number() over (
            partition by carrier_key
            order by count(*) desc, carrier_name
        ) as place
    from spellings
    group by carrier_key, carrier_name
),

ranked_payers as (
    select
        carrier_key,
        payer_id,
        row_number() over (
            partition by carrier_key
            order by count(*) desc, payer_id
        ) as place
    from spellings
    where payer_id is not null
    group by carrier_key, payer_id
),

ranked_phones as (
    select
        carrier_key,
        phone,
        row_number() over (
            partition by carrier_key
            order by count(*) desc, phone
        ) as place
    from spellings
    where phone is not null
    group by carrier_key, phone
),

-- An address is taken whole: street and city of two plans would be no address.
ranked_addresses as (
    select
        carrier_key,
        street,
        city,
        state,
        postal_code,
        row_number() over (
            partition by carrier_key
            order by count(*) desc, street, city, state, postal_code
        ) as place
    from spellings
    where coalesce(street, city, postal_code) is not null
    group by carrier_key, street, city, state, postal_code
),

first_rows as (
    select
        carrier_key,
        any_value(normalised_name) as normalised_name,
        min_by(_file, (_practice, _file, _line, carrier_id)) as _file,
        min_by(_line, (_practice, _file, _line, carrier_id)) as _line,
        min_by(_practice, (_practice, _file, _line, carrier_id)) as first_practice,
        min_by(carrier_id, (_practice, _file, _line, carrier_id)) as first_carrier_id,
        count(*) as plans
    from spellings
    group by carrier_key
),

candidates as (
    select
        accounts.id,
        accounts.migration_key,
        {{ normalised_carrier_name('accounts.name', 'aliases.known') }} as normalised_name
    from accounts
    cross join aliases
    where coalesce(accounts.account_kind, 'Insurance Carrier') = 'Insurance Carrier'
),

matches as (
    select
        first_rows.carrier_key,
        count(*) filter (where candidates.migration_key = first_rows.carrier_key) as ours,
        count(*) filter (
            where candidates.migration_key is distinct from first_rows.carrier_key
        ) as others,
        min(candidates.id) filter (where candidates.migration_key is null) as free_id
    from first_rows
    inner join candidates on first_rows.normalised_name = candidates.normalised_name
    group by first_rows.carrier_key
),

final as (
    select
        first_rows.carrier_key,
        first_rows.normalised_name,
        names.carrier_name,
        payers.payer_id,
        phones.phone,
        addresses.street,
        addresses.city,
        addresses.state,
        addresses.postal_code,
        first_rows.first_practice,
        first_rows.first_carrier_id,
        first_rows.plans,
        first_rows._file,
        first_rows._line,
        case when matches.ours = 0 and matches.others = 1 then matches.free_id end as _adopt_id,
        {{ problems([
            (
                'matches.others > 1 or (matches.others = 1 and (matches.ours > 0 or matches.free_id is null))',
                problem('ambiguous_match', 'Name', 'names.carrier_name'),
            ),
        ]) }} as _found
    from first_rows
    inner join ranked_spellings as names
        on first_rows.carrier_key = names.carrier_key and names.place = 1
    left join ranked_payers as payers
        on first_rows.carrier_key = payers.carrier_key and payers.place = 1
    left join ranked_phones as phones
        on first_rows.carrier_key = phones.carrier_key and phones.place = 1
    left join ranked_addresses as addresses
        on first_rows.carrier_key = addresses.carrier_key and addresses.place = 1
    left join matches on first_rows.carrier_key = matches.carrier_key
)

select * from final
