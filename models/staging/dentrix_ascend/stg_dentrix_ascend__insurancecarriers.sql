with source as (
    select
        id,
        name,
        payorid,
        phone,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'insurancecarriers') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as carrier_id,
        {{ clean_text('name') }} as carrier_name,
        {{ clean_text('payorid') }} as payer_id,
        {{ format_phone('phone') }} as phone,
        {{ no_problems() }} as _found
    from source
)

select * from final
