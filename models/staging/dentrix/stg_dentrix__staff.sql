with source as (
    select
        staff_id,
        last_name,
        first_name,
        title,
        inactive,
        email,
        crm_login,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'staff') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('staff_id') }} as staff_id,
        {{ proper_name('last_name') }} as last_name,
        {{ proper_name('first_name') }} as first_name,
        {{ clean_text('title') }} as title,
        {{ parse_flag('inactive') }} as is_inactive,
        {{ valid_email('email') }} as email,
        {{ parse_flag('crm_login') }} as crm_login,
        {{ problems([email_problem('email', valid_email('email'))] + login_problems('crm_login')) }} as _found
    from source
)

select * from final
