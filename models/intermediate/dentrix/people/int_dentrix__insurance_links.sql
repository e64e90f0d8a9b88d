with links as (
    select * from {{ ref('int_dentrix__insurance_link_rows') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

insured as (
    select * from {{ ref('int_dentrix__insured_rows') }}
),

found as (
    select
        links.*,
        groups.survivor_patid,
        groups.rank_in_group,
        insured.insured_id is not null as is_found,
        groups.patid is not null and links.priority is not null and insured.insured_id is not null
            as makes_record
    from links
    left join groups
        on links._practice = groups._practice and links.patid = groups.patid
    left join insured
        on links._practice = insured._practice and links.insured_id = insured.insured_id
),

-- The survivor's own link wins, then that of whoever comes next in the group. Of one patient's own
-- links of one priority the cover that lasts, then the latest, then the lowest id.
ranked as (
    select
        *,
        row_number() over (
            partition by _practice, survivor_patid, priority
            order by
                makes_record desc,
                rank_in_group,
                eligibility_end desc nulls first,
                eligibility_start desc nulls last,
                try_cast(patient_plan_id as decimal(38, 0)),
                _file,
                _line
        ) as place
    from found
),

final as (
    select
        _practice,
        _file,
        _line,
        is_own_row,
        patient_plan_id,
        patid,
        survivor_patid,
        priority,
        priority_written,
        insured_id,
        relationship,
        eligibility_start,
        eligibility_end,
        case
            when survivor_patid is null then 'no patient'
            when priority is null then 'no priority'
            when not is_found then 'orphan'
            when place > 1 then 'duplicate_key'
            else 'record'
        end as outcome,
        _found
    from ranked
)

select * from final
