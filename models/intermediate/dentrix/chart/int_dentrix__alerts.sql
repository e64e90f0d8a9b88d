with alert_rows as (
    select * from {{ ref('int_dentrix__alert_rows') }}
    -- What has no primary key is no record; a bit gets its key here.
    where table_name = 'patient' or alert_id is not null
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

practices as (
    select
        practice,
        coalesce(timezone(time_zone, extracted_at)::date, current_date) as as_of,
        sensitive_alert_action,
        list_transform(sensitive_alert_names, lambda x: {{ comparable_alert('x') }})
            as sensitive_names
    from {{ ref('stg_migration__practices') }}
),

judged as (
    select
        alert_rows.*,
        groups.survivor_patid,
        coalesce(groups.is_survivor, false) as is_survivors_own,
        groups.rank_in_group,
        case
            when alert_rows.table_name = 'patient' then groups.survivor_patid || '-' || alert_rows.code
            else alert_rows.alert_id
        end as id,
        -- One that ends on the day of the export is still in force.
        alert_rows.is_ended or coalesce(alert_rows.end_date < practices.as_of, false)
            as has_ended,
        practices.sensitive_alert_action,
        coalesce(list_contains(practices.sensitive_names, alert_rows.name_key), false)
            as is_sensitive
    from alert_rows
    left join groups
        on alert_rows._practice = groups._practice and alert_rows.patid = groups.patid
    left join practices on alert_rows._practice = practices.practice
),

linked as (
    select
        _practice,
        survivor_patid,
        name_key
    from judged
    where table_name != 'patient' and survivor_patid is not null and name_key is not null
    group by _practice, survivor_patid, name_key
),

-- Two merged rows with the same bit: the survivor's stands.
standing_bits as (
    select
        _practice,
        id,
        min(rank_in_group) as rank_in_group
    from judged
    where table_name = 'patient' and survivor_patid is not null
    group by _practice, id
),

sorted as (
    select
        judged.* exclude (is_ended, patid, alert_id),
        judged.patid as written_patid,
        case
            when judged.survivor_patid is null then 'orphan'
            when judged.rank_in_group > standing_bits.rank_in_group then 'duplicate_key'
            when judged.table_name = 'patient' and linked.name_key is not null then 'same_as_link'
            when judged.is_sensitive and judged.sensitive_alert_action = 'omit' then 'omitted'
            else 'alert'
        end as outcome,
        judged.is_sensitive and judged.sensitive_alert_action = 'mask' as is_masked
    from judged
    left join linked
        on
            judged._practice = linked._practice
            and judged.survivor_patid = linked.survivor_patid
            and judged.name_key = linked.name_key
    left join standing_bits
        on
            judged.table_name = 'patient'
            and judged._practice = standing_bits._practice
            and judged.id = standing_bits.id
),

-- A masked alert says that there is one, and nothing else.
final as (
    select
        _practice,
        _file,
        _line,
        table_name,
        written_patid,
        survivor_patid as patid,
        id,
        code,
        outcome,
        is_masked,
        case when is_masked then 'see chart' else name_key end as name_key,
        case when is_masked then 'See chart' else replace(name, ';', ',') end as name,
        case when not is_masked then kind end as kind,
        is_critical,
        has_ended,
        case when start_date is null then reported_date end as reported_date,
        start_date,
        end_date,
        case when not is_masked then note end as note,
        list_concat(
            _found,
            {{ problems([
                (
                    "not is_known and table_name != 'patient'",
                    problem('orphan', 'Alert__c', 'code'),
                ),
                (
                    "name is null and table_name = 'patient'",
                    problem('invalid_code', 'Alert__c', "'bit ' || code"),
                ),
                (
                    "is_known and name is null and table_name != 'patient'",
                    problem('missing_required', 'Alert__c'),
                ),
            ]) }}
        ) as _found
    from sorted
)

select * from final
