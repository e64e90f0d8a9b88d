with source as (
    select
        user_id,
        last_name,
        first_name,
        role,
        email,
        active,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'users') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('user_id') }} as user_id,
        {{ proper_name('last_name') }} as last_name,
        {{ proper_name('first_name') }} as first_name,
        {{ clean_text('role') }} as role,
        {{ valid_email('email') }} as email,
        coalesce({{ parse_flag('active') }}, {{ clean_text('active') }} is null) as is_active,
        {{ problems([email_problem('email', valid_email('email'))]) }} as _found
    from source
)

select * from final
