with source as (
    select
        id,
        name,
        timezone,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'locations') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ ascend_id('id') }} as location_id,
        {{ clean_text('name') }} as name,
        {{ clean_text('timezone') }} as time_zone
    from source
)

select * from final
