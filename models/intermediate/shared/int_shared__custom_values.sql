with cells as (
    select * from {{ ref('int_shared__custom_cells') }}
),

final as (
    select
        step,
        key,
        {{ map_of('api_name', 'value') }} as custom,
        {{ custom_problems() }} as found
    from cells
    group by step, key
)

select * from final
