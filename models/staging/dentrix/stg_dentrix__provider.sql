with source as (
    select
        provider_id,
        last_name,
        first_name,
        mi,
        suffix,
        specialty_id,
        issecondaryprovider,
        isnonperson,
        inactive,
        npi,
        email,
        crm_login,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'provider') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ proper_name('last_name') }} as last_name,
        {{ proper_name('first_name') }} as first_name,
        {{ proper_name('mi') }} as middle_initial,
        {{ clean_text('suffix') }} as suffix,
        {{ id_or_null('specialty_id') }} as specialty_id,
        {{ parse_flag('issecondaryprovider') }} as is_hygienist,
        {{ parse_flag('isnonperson') }} as is_non_person,
        {{ parse_flag('inactive') }} as is_inactive,
        {{ clean_text('npi') }} as npi,
        {{ valid_email('email') }} as email,
        {{ parse_flag('crm_login') }} as crm_login,
        {{ problems([email_problem('email', valid_email('email'))] + login_problems('crm_login')) }} as _found
    from source
)

select * from final
