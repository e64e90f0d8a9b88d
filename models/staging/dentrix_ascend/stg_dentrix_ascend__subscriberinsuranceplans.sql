with source as (
    select
        id,
        plansubscriberid,
        patient,
        carrierinsuranceplan,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'subscriberinsuranceplans') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as insured_id,
        {{ ascend_id('carrierinsuranceplan') }} as plan_id,
        {{ ascend_id('patient') }} as subscriber_patid,
        {{ clean_text('plansubscriberid') }} as subscriber_id,
        {{ no_problems() }} as _found
    from source
)

select * from final
