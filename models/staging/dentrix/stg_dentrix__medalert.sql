with source as (
    select
        defid,
        descript,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'medalert') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        -- Bit 0 is a bit: here a 0 does not say "no row".
        case when {{ parse_integer('defid') }} between 0 and 61 then {{ parse_integer('defid') }} end
            as bit,
        {{ clean_text('descript') }} as name,
        {{ problems([(
            'coalesce(' ~ parse_integer('defid') ~ ' not between 0 and 61, true)',
            problem('out_of_range', none, 'defid'),
        )]) }} as _found
    from source
)

select * from final
