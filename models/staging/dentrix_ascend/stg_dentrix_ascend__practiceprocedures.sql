with source as (
    select
        id,
        adacode,
        description,
        abbreviateddescription,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'practiceprocedures') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as practice_procedure_id,
        {{ clean_text('adacode') }} as code,
        coalesce({{ clean_text('description') }}, {{ clean_text('abbreviateddescription') }})
            as description
    from source
)

select * from final
