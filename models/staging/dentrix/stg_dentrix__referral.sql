with source as (
    select
        refid,
        reftype,
        lastname,
        firstname,
        nonpersonflag,
        specialty_id,
        email,
        phone,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'referral') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('refid') }} as refid,
        {{ parse_integer('reftype') }} as reftype,
        {{ proper_name('lastname') }} as last_name,
        {{ proper_name('firstname') }} as first_name,
        {{ parse_flag('nonpersonflag') }} as is_non_person,
        {{ id_or_null('specialty_id') }} as specialty_id,
        {{ valid_email('email') }} as email,
        {{ format_phone('phone') }} as phone,
        {{ problems([email_problem('email', valid_email('email'))]) }} as _found
    from source
)

select * from final
