with groups as (
    select * from {{ ref('int_shared__patient_groups') }}
    where not is_survivor
),

final as (
    select
        _practice as practice,
        {{ migration_key('_practice', 'patient', 'patid') }} as merged_key,
        {{ migration_key('_practice', 'patient', 'survivor_patid') }} as survivor_key,
        rule,
        _file as file,
        _line as line
    from groups
)

select * from final
