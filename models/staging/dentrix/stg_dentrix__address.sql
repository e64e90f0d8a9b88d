with source as (
    select
        addrid,
        street1,
        street2,
        city,
        state,
        zipcode,
        country,
        phone,
        phoneext,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'address') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('addrid') }} as address_id,
        {{ street_lines('street1', 'street2') }} as street,
        {{ clean_text('city') }} as city,
        {{ state_code('state') }} as state,
        {{ clean_text('zipcode') }} as postal_code,
        {{ clean_text('country') }} as country,
        {{ format_phone('phone', ext='phoneext') }} as home_phone,
        coalesce(
            {{ clean_text('street1') }},
            {{ clean_text('street2') }},
            {{ clean_text('city') }},
            {{ clean_text('state') }},
            {{ clean_text('zipcode') }}
        ) is null as is_blank,
        {{ no_problems() }} as _found
    from source
)

select * from final
