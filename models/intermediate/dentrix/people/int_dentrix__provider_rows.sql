with providers as (
    select * from {{ ref('stg_dentrix__provider') }}
    where provider_id is not null
),

provider_emails as (
    select * from {{ ref('stg_dentrix__provider_email') }}
),

referrals as (
    select * from {{ ref('stg_dentrix__referral') }}
    where refid is not null
),

ascend_providers as (
    select * from {{ ref('stg_dentrix_ascend__providers') }}
    where provider_id is not null
),

ascend_users as (
    select * from {{ ref('stg_dentrix_ascend__users') }}
    where user_id is not null
),

final as (
    select
        providers._practice,
        providers._file,
        providers._line,
        'provider' as table_name,
        'provider' as kind,
        providers.provider_id as source_id,
        providers.first_name,
        providers.last_name,
        providers.suffix,
        providers.specialty_id,
        coalesce(providers.is_hygienist, false) as is_hygienist,
        coalesce(providers.is_non_person, false) as is_non_person,
        coalesce(providers.is_inactive, false) as is_inactive,
        true as is_dentist,
        providers.npi,
        coalesce(providers.email, provider_emails.email) as email,
        coalesce(providers.crm_login, provider_emails.crm_login, false) as crm_login,
        null::varchar as ascend_user_id,
        list_concat(
            providers._found,
            coalesce(
                {{ problems_at('provider_emails._found', 'provider_emails._file', 'provider_emails._line') }},
                {{ no_problems() }}
            )
        ) as _found
    from providers
    left join provider_emails
        on
            providers._practice = provider_emails._practice
            and providers.provider_id = provider_emails.provider_id
    union all
    select
        _practice,
        _file,
        _line,
        'referral' as table_name,
        'referral' as kind,
        refid as source_id,
        first_name,
        last_name,
        null::varchar as suffix,
        specialty_id,
        false as is_hygienist,
        coalesce(is_non_person, false) as is_non_person,
        false as is_inactive,
        coalesce(reftype = 1, false) as is_dentist,
        null::varchar as npi,
        email,
        false as crm_login,
        null::varchar as ascend_user_id,
        _found
    from referrals
    union all
    -- Ascend's word for a specialty is its own id; the e-mail address is that of the provider's
    -- user, and nothing says who logs in to the CRM.
    select
        ascend_providers._practice,
        ascend_providers._file,
        ascend_providers._line,
        'providers' as table_name,
        'provider' as kind,
        ascend_providers.provider_id as source_id,
        ascend_providers.first_name,
        ascend_providers.last_name,
        null::varchar as suffix,
        ascend_providers.specialty as specialty_id,
        false as is_hygienist,
        coalesce(ascend_providers.is_non_person, false) as is_non_person,
        coalesce(ascend_providers.is_inactive, false) as is_inactive,
        true as is_dentist,
        ascend_providers.npi,
        ascend_users.email,
        false as crm_login,
        ascend_providers.user_id as ascend_user_id,
        list_concat(
            ascend_providers._found,
            coalesce(
                {{ problems_at('ascend_users._found', 'ascend_users._file', 'ascend_users._line') }},
                {{ no_problems() }}
            ),
            {{ problems([
                (
                    'ascend_providers.user_id is not null and ascend_users.user_id is null',
                    problem('orphan', 'Email', 'ascend_providers.user_id'),
                ),
            ]) }}
        ) as _found
    from ascend_providers
    left join ascend_users
        on
            ascend_providers._practice = ascend_users._practice
            and ascend_providers.user_id = ascend_users.user_id
)

select * from final
