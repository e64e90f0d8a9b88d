with recursive people as (
    select * from {{ ref('int_dentrix__patient_identities') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

survivors as (
    select
        people._practice,
        people.patid,
        people.patid_number,
        people.guarantor,
        guarantors.survivor_patid as guarantor_survivor,
        coalesce(not guarantors.is_survivor, false) as guarantor_was_merged
    from people
    inner join groups
        on
            people._practice = groups._practice
            and people.patid = groups.patid
            and groups.is_survivor
    left join groups as guarantors
        on people._practice = guarantors._practice and people.guarantor = guarantors.patid
),

own_or_guarantors as (
    select
        _practice,
        patid,
        patid_number,
        nullif(coalesce(guarantor_survivor, guarantor), patid) as guarantor_patid,
        -- One who names nobody in the export has a family of their own.
        coalesce(guarantor_survivor, patid) as family_patid,
        guarantor_was_merged and guarantor_survivor != patid as follows_survivor
    from survivors
),

-- A merged guarantor's family is not loaded: its members follow the survivor, who may have been
-- brought to another family in the same way. Two who lead to each other end the walk.
steps as (
    select
        _practice,
        patid,
        guarantor_patid as next_patid
    from own_or_guarantors
    where follows_survivor
),

walks (_practice, patid, next_patid) as (
    select
        _practice,
        patid,
        next_patid
    from steps
    union
    select
        walks._practice,
        walks.patid,
        steps.next_patid
    from walks
    inner join steps
        on walks._practice = steps._practice and walks.next_patid = steps.patid
),

ends as (
    select
        walks._practice,
        walks.patid,
        min_by(
            arrived.family_patid,
            (arrived.follows_survivor, arrived.patid_number, arrived.patid)
        ) as family_patid
    from walks
    inner join own_or_guarantors as arrived
        on walks._practice = arrived._practice and walks.next_patid = arrived.patid
    group by walks._practice, walks.patid
),

final as (
    select
        own_or_guarantors._practice,
        own_or_guarantors.patid,
        own_or_guarantors.guarantor_patid,
        coalesce(ends.family_patid, own_or_guarantors.family_patid) as family_patid
    from own_or_guarantors
    left join ends
        on
            own_or_guarantors._practice = ends._practice
            and own_or_guarantors.patid = ends.patid
)

select * from final
