with source as (
    select
        id,
        planname,
        groupnumber,
        insurancecarrier,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'carrierinsuranceplans') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as plan_id,
        {{ ascend_id('insurancecarrier') }} as carrier_id,
        {{ clean_text('planname') }} as plan_name,
        {{ clean_text('groupnumber') }} as group_number,
        {{ no_problems() }} as _found
    from source
)

select * from final
