{%- set keys = {
    'stg_dentrix__patient': ('Contact', 'patid'),
    'stg_dentrix__provider': ('Contact', 'provider_id'),
    'stg_dentrix__referral': ('Contact', 'refid'),
    'stg_dentrix_ascend__patients': ('Contact', 'patid'),
    'stg_dentrix_ascend__providers': ('Contact', 'provider_id'),
} -%}
with links as (
    select * from {{ ref('int_dentrix__insurance_links') }}
    where outcome != 'record'
),

insurance_problems as (
    select
        _practice,
        _file,
        _line,
        'Insurance_Detail__c' as object,
        {{ migration_key('_practice', 'insurance', 'coalesce(survivor_patid, patid)') }}
        || case priority when 'Primary' then '-P' when 'Secondary' then '-S' end as key,
        unnest(list_concat(
            _found,
            {{ problems([
                ("outcome = 'orphan'", problem('orphan', value='insured_id', held_back=true)),
                ("outcome = 'duplicate_key'", problem('duplicate_key', value='insured_id')),
                (
                    "outcome = 'no patient' and patid is not null",
                    problem('orphan', 'Contact__r.Migration_Key__c', 'patid', held_back=true),
                ),
                (
                    "outcome = 'no patient' and patid is null",
                    problem('missing_required', 'Contact__r.Migration_Key__c', held_back=true),
                ),
                (
                    "outcome = 'no priority' and priority_written is not null",
                    problem('not_in_picklist', 'Priority__c', 'priority_written', held_back=true),
                ),
                (
                    "outcome = 'no priority' and priority_written is null",
                    problem('missing_required', 'Priority__c', held_back=true),
                ),
            ]) }}
        )) as found
    from links
),

aging_problems as (
    select
        _practice,
        _file,
        _line,
        'Account' as object,
        {{ migration_key('_practice', 'family', 'guarid') }} as key,
        unnest(list_concat(
            _found,
            {{ problems([('true', problem('orphan', value='guarid'))]) }}
        )) as found
    from {{ ref('int_dentrix__aging_rows') }}
    where family_patid is null
),

providers as (
    select * from {{ ref('stg_dentrix__provider') }}
),

provider_email_problems as (
    select
        emails._practice,
        emails._file,
        emails._line,
        'Contact' as object,
        {{ migration_key('emails._practice', 'provider', 'emails.provider_id') }} as key,
        unnest(list_concat(
            emails._found,
            {{ problems([('true', problem('orphan', 'Email', 'emails.provider_id'))]) }}
        )) as found
    from {{ ref('stg_dentrix__provider_email') }} as emails
    left join providers
        on
            emails._practice = providers._practice
            and emails.provider_id = providers.provider_id
    where providers.provider_id is null
),

staff_problems as (
    select
        _practice,
        _file,
        _line,
        'User' as object,
        {{ migration_key('_practice', 'staff', 'staff_id') }} as key,
        unnest(_found) as found
    from {{ ref('stg_dentrix__staff') }}
),

-- Those of a provider's user are the provider's.
user_problems as (
    select
        users._practice,
        users._file,
        users._line,
        'User' as object,
        {{ migration_key('users._practice', 'user', 'users.user_id') }} as key,
        unnest(users._found) as found
    from {{ ref('stg_dentrix_ascend__users') }} as users
    left join {{ ref('stg_dentrix_ascend__providers') }} as providers
        on users._practice = providers._practice and users.user_id = providers.user_id
    where providers.provider_id is null
),

-- A plan without a carrier's name would be a carrier without a name.
carrier_problems as (
    select
        _practice,
        _file,
        _line,
        'Account' as object,
        null::varchar as key,
        {{ problem('missing_required', 'Name', 'carrier_name', held_back=true) }} as found
    from {{ ref('int_shared__carrier_spellings') }}
    where carrier_key is null and table_name in ('inscarrier', 'insurancecarriers')
),

rows_without_key as (
    {{ rows_without_key(keys) }}
),

gathered as (
    select * from insurance_problems
    union all
    select * from aging_problems
    union all
    select * from provider_email_problems
    union all
    select * from staff_problems
    union all
    select * from user_problems
    union all
    select * from carrier_problems
    union all
    select * from rows_without_key
),

final as (
    {{ loose_problems('gathered') }}
)

select * from final
