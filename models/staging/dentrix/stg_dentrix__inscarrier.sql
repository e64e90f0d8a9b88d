with source as (
    select
        insid,
        insconame,
        groupname,
        groupnum,
        street1,
        street2,
        city,
        state,
        zipcode,
        phone,
        payerid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'inscarrier') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('insid') }} as insid,
        {{ clean_text('insconame') }} as carrier_name,
        {{ clean_text('groupname') }} as group_name,
        {{ clean_text('groupnum') }} as group_number,
        {{ street_lines('street1', 'street2') }} as street,
        {{ clean_text('city') }} as city,
        {{ state_code('state') }} as state,
        {{ clean_text('zipcode') }} as postal_code,
        {{ format_phone('phone') }} as phone,
        {{ clean_text('payerid') }} as payer_id,
        {{ no_problems() }} as _found
    from source
)

select * from final
