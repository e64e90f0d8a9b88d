with source as (
    select
        id,
        firstname,
        lastname,
        npi,
        specialty,
        isnonpersonentity,
        active,
        "user",
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'providers') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as provider_id,
        {{ proper_name('lastname') }} as last_name,
        {{ proper_name('firstname') }} as first_name,
        replace({{ clean_text('specialty') }}, '_', ' ') as specialty,
        {{ parse_flag('isnonpersonentity') }} as is_non_person,
        not {{ parse_flag('active') }} as is_inactive,
        {{ clean_text('npi') }} as npi,
        {{ ascend_id('"user"') }} as user_id,
        {{ no_problems() }} as _found
    from source
)

select * from final
