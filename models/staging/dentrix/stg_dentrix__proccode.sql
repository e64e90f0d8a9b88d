with source as (
    select
        proccodeid,
        adacode,
        abbrevdescript,
        descript,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'proccode') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('proccodeid') }} as proccodeid,
        {{ clean_text('adacode') }} as code,
        coalesce({{ clean_text('descript') }}, {{ clean_text('abbrevdescript') }}) as description
    from source
)

select * from final
