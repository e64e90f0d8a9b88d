{#- Places are numbered per system, one system's behind the other's. -#}
with last_place as (
    select coalesce(max(place), 0) as place
    from {{ ref('int_dentrix__patient_identities') }}
),

final as (
    select *
    from {{ ref('int_dentrix__patient_identities') }}
    union all by name
    select people.* replace (people.place + last_place.place as place)
    from {{ ref('int_dental_exec__patient_identities') }} as people
    cross join last_place
)

select * from final
