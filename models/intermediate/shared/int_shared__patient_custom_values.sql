with cells as (
    select * from {{ ref('int_shared__custom_cells') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

standing as (
    select
        {{ migration_key('_practice', 'patient', 'patid') }} as key,
        {{ migration_key('_practice', 'patient', 'survivor_patid') }} as survivor_key,
        rank_in_group
    from groups
),

-- The survivor's own value first, then that of the next of its rows that has a good one.
ranked as (
    select
        cells.step,
        standing.survivor_key as key,
        cells.api_name,
        cells.written,
        cells.value,
        cells.class,
        cells._file,
        cells._line,
        row_number() over (
            partition by cells.step, standing.survivor_key, cells.api_name
            order by cells.value is null, standing.rank_in_group
        ) as place
    from cells
    inner join standing on cells.key = standing.key
),

final as (
    select
        step,
        key,
        {{ map_of('api_name', 'value', 'place = 1') }} as custom,
        {{ custom_problems() }} as found
    from ranked
    group by step, key
)

select * from final
