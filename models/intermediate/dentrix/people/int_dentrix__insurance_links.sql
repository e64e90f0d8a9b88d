with patients as (
    select * from {{ ref('stg_dentrix__patient') }}
    where primary_insured_id is not null or secondary_insured_id is not null
),

groups as (
    select * from {{ ref('int_dentrix__patient_groups') }}
),

insured as (
    select * from {{ ref('stg_dentrix__insured') }}
),

links as (
    select
        _practice, _file, _line, patid,
        'Primary' as priority,
        primary_insured_id as insuredid,
        primary_relationship as relationship
    from patients
    where primary_insured_id is not null
    union all
    select
        _practice, _file, _line, patid,
        'Secondary' as priority,
        secondary_insured_id as insuredid,
        secondary_relationship as relationship
    from patients
    where secondary_insured_id is not null
),

found as (
    select
        links.*,
        groups.survivor_patid,
        groups.rank_in_group,
        insured.insuredid is not null as is_found
    from links
    inner join groups
        on links._practice = groups._practice and links.patid = groups.patid
    left join insured
        on links._practice = insured._practice and links.insuredid = insured.insuredid
),

-- The survivor's own link wins, then that of whoever comes next in the group.
ranked as (
    select
        *,
        row_number() over (
            partition by _practice, survivor_patid, priority
            order by is_found desc, rank_in_group
        ) as place
    from found
),

final as (
    select
        _practice,
        _file,
        _line,
        patid,
        survivor_patid,
        priority,
        insuredid,
        relationship,
        case
            when not is_found then 'orphan'
            when place > 1 then 'duplicate_key'
            else 'record'
        end as outcome
    from ranked
)

select * from final
