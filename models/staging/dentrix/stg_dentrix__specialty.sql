with source as (
    select
        defid,
        description,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'specialty') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('defid') }} as specialty_id,
        {{ clean_text('description') }} as description,
        {{ no_problems() }} as _found
    from source
)

select * from final
