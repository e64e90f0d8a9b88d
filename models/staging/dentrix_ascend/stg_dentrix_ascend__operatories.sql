with source as (
    select
        id,
        name,
        shortname,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'operatories') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ ascend_id('id') }} as operatory_id,
        coalesce({{ clean_text('name') }}, {{ clean_text('shortname') }}) as title
    from source
)

select * from final
