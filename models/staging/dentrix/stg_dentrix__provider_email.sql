with source as (
    select
        provider_id,
        email,
        crm_login,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'provider_email') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ valid_email('email') }} as email,
        {{ parse_flag('crm_login') }} as crm_login,
        {{ problems([email_problem('email', valid_email('email'))] + login_problems('crm_login')) }} as _found
    from source
)

select * from final
