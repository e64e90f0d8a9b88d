with aging as (
    select * from {{ ref('stg_dentrix__aging') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

members as (
    select * from {{ ref('int_dentrix__family_members') }}
),

families as (
    select
        _practice,
        family_patid
    from members
    group by _practice, family_patid
),

-- A balance belongs to its guarantor's family; where that family is not loaded (the guarantor was
-- merged, or answers to another guarantor), to the family the guarantor is now in.
final as (
    select
        aging._practice,
        aging._file,
        aging._line,
        aging.guarid,
        coalesce(families.family_patid, members.family_patid) as family_patid,
        aging.balance_0_30,
        aging.balance_31_60,
        aging.balance_61_90,
        aging.balance_over_90,
        aging._found
    from aging
    left join groups
        on aging._practice = groups._practice and aging.guarid = groups.patid
    left join families
        on
            groups._practice = families._practice
            and groups.patid = families.family_patid
    left join members
        on
            groups._practice = members._practice
            and groups.survivor_patid = members.patid
)

select * from final
