with history as (
    select * from {{ ref('stg_dental_exec__txhist') }}
    where history_id is not null and plan_id is not null
),

people as (
    select * from {{ ref('int_dental_exec__money_people') }}
),

plan_lines as (
    select
        *,
        count(*) over (partition by _practice, plan_id, patient_id) as lines_of_plan
    from {{ ref('int_dental_exec__plan_lines') }}
),

done as (
    select
        history._practice,
        history.history_id,
        history.plan_id,
        people.survivor_id as patient_id,
        upper(history.source_code) as code,
        history.place
    from history
    inner join people
        on history._practice = people._practice and history.patient_id = people.patient_id
),

-- Whoever the plan is of, nobody else's work is on it.
candidates as (
    select
        done._practice,
        done.history_id,
        plan_lines.plan_line_id,
        plan_lines.line_number,
        case
            when
                done.code = upper(plan_lines.source_code)
                and coalesce(done.place, '') = coalesce(plan_lines.place, '')
                then 1
            when done.code = upper(plan_lines.source_code) then 2
            when plan_lines.lines_of_plan = 1 then 3
        end as tier
    from done
    inner join plan_lines
        on
            done._practice = plan_lines._practice
            and done.plan_id = plan_lines.plan_id
            and done.patient_id = plan_lines.patient_id
),

final as (
    select
        _practice,
        history_id,
        min_by(plan_line_id, (tier, line_number is null, line_number, plan_line_id)) as plan_line_id
    from candidates
    where tier is not null
    group by _practice, history_id
)

select * from final
