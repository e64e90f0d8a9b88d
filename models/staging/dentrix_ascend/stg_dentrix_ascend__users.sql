with source as (
    select
        id,
        firstname,
        lastname,
        email,
        active,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'users') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as user_id,
        {{ proper_name('lastname') }} as last_name,
        {{ proper_name('firstname') }} as first_name,
        {{ valid_email('email') }} as email,
        not {{ parse_flag('active') }} as is_inactive,
        {{ problems([email_problem('email', valid_email('email'))]) }} as _found
    from source
)

select * from final
