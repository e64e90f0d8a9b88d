with plan_rows as (
    select * from {{ ref('int_dentrix__plan_rows') }}
),

people as (
    select * from {{ ref('int_dentrix__ledger_people') }}
),

providers as (
    select * from {{ ref('int_dentrix__attribution') }}
),

statuses as (
    select * from {{ ref('dentrix__plan_status') }}
),

lines as (
    select * from {{ ref('int_dentrix__procedures') }}
    where plan_id is not null
),

-- What the lines of a plan come to: those that load.
totals as (
    select
        _practice,
        plan_id,
        min_by(
            struct_pack(patid := patid, file := _file, line := _line),
            (try_cast(procedure_id as decimal(38, 0)), procedure_id)
        ) as first_line,
        min(planned_date) filter (where status = 'Planned') as planned_date,
        count(*) filter (where is_loaded) as loaded_lines,
        sum(fee) filter (where is_loaded) as fee,
        min_by(
            struct_pack(
                cdt_code := cdt_code,
                provider_user_id := provider_user_id,
                provider_contact_key := provider_contact_key
            ),
            (-coalesce(fee, -1), try_cast(procedure_id as decimal(38, 0)), procedure_id)
        ) filter (where is_loaded) as costliest,
        string_agg(distinct cdt_code, '; ' order by cdt_code) filter (where is_loaded) as cdt_codes
    from lines
    group by _practice, plan_id
),

cases as (
    select
        plan_rows._practice,
        plan_rows._file,
        plan_rows._line,
        plan_rows.case_id as plan_id,
        coalesce(people.survivor_patid, plan_rows.patid) as patid,
        plan_rows.description,
        plan_rows.plan_date,
        plan_rows.created_at_utc,
        statuses.status,
        plan_rows.provider_id,
        providers.provider_user_id,
        providers.provider_contact_key,
        list_concat(
            plan_rows._found,
            {{ problems([
                (
                    'plan_rows.status_words is not null and statuses.status is null',
                    problem('not_in_picklist', 'Status__c', 'plan_rows.status_written'),
                ),
                (
                    'plan_rows.provider_id is not null and providers.provider_id is null',
                    problem('orphan', 'Provider_Contact__c', 'plan_rows.provider_id'),
                ),
            ]) }}
        ) as _found
    from plan_rows
    left join people
        on plan_rows._practice = people._practice and plan_rows.patid = people.patid
    left join statuses on plan_rows.status_words = statuses.word
    left join providers
        on
            plan_rows._practice = providers._practice
            and plan_rows.provider_id = providers.provider_id
),

defaults as (
    select
        _practice,
        first_line.file as _file,
        first_line.line as _line,
        plan_id,
        first_line.patid as patid,
        null::varchar as description,
        planned_date as plan_date,
        null::timestamp as created_at_utc,
        'Proposed' as status,
        null::varchar as provider_id,
        null::varchar as provider_user_id,
        null::varchar as provider_contact_key,
        {{ no_problems() }} as _found
    from totals
    where starts_with(plan_id, 'default-')
),

plans as (
    select * from cases
    union all
    select * from defaults
),

named as (
    select
        plans.*,
        coalesce(
            plans.description,
            trim(concat_ws(' ', 'Treatment plan', plans.plan_date::varchar))
        ) as whole_name,
        totals.fee,
        coalesce(totals.loaded_lines, 0) as loaded_lines,
        totals.costliest,
        totals.cdt_codes
    from plans
    left join totals
        on plans._practice = totals._practice and plans.plan_id = totals.plan_id
),

-- A name longer than its field is cut, and stands whole in the description.
final as (
    select
        _practice,
        _file,
        _line,
        plan_id,
        patid,
        {{ cut_text('whole_name', 80) }} as name,
        case when {{ utf16_length('whole_name') }} > 80 then whole_name end as description,
        plan_date,
        created_at_utc,
        status,
        case when loaded_lines = 0 then 0 else fee end as total_fee,
        costliest.cdt_code as cdt_code,
        cdt_codes,
        -- Who is named with the plan, else who does its costliest line.
        case when provider_id is null then costliest.provider_user_id else provider_user_id end
            as provider_user_id,
        case when provider_id is null then costliest.provider_contact_key else provider_contact_key end
            as provider_contact_key,
        list_concat(
            _found,
            {{ problems([(
                utf16_length('whole_name') ~ ' > 80',
                problem('too_long', 'Name', 'whole_name'),
            )]) }}
        ) as _found
    from named
)

select * from final
