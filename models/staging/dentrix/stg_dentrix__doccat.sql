with source as (
    select
        dcdoctypeid,
        name,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'doccat') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('dcdoctypeid') }} as category_id,
        {{ clean_text('name') }} as name,
        {{ no_problems() }} as _found
    from source
)

select * from final
