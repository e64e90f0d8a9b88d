{#- Which row of which table says what; what stands for a patient is worked out of them later. -#}
with statuses as (
    select * from {{ ref('dentrix__recall_status') }}
),

units as (
    select * from {{ ref('shared__recall_unit') }}
),

due as (
    select
        pending._practice,
        pending._file,
        pending._line,
        'recallpending' as table_name,
        pending.recallid,
        pending.patid,
        null::varchar as name,
        null::integer as quantity,
        null::varchar as unit,
        null::varchar as provider_type,
        null::boolean as is_in_force,
        coalesce(statuses.is_open, true) as is_open,
        pending.due_date,
        list_concat(
            pending._found,
            {{ problems([(
                'pending.status_word is not null and statuses.is_open is null',
                problem('not_in_picklist', 'Next_Recall_Date__c', 'pending.status_word'),
            )]) }}
        ) as _found
    from {{ ref('stg_dentrix__recallpending') }} as pending
    left join statuses
        on statuses.table_name = 'recallpending' and pending.status_word = statuses.word
),

overrides as (
    select
        _practice,
        _file,
        _line,
        'recalltype' as table_name,
        recallid,
        patid,
        name,
        quantity,
        unit,
        provider_type,
        is_in_force,
        null::boolean as is_open,
        null::date as due_date,
        _found
    from {{ ref('int_dentrix__recall_types') }}
    where patid is not null
),

recares as (
    select
        recares._practice,
        recares._file,
        recares._line,
        'patientrecares' as table_name,
        recares.recare_id as recallid,
        recares.patid,
        coalesce(recares.template_name, 'Recare') as name,
        recares.quantity,
        units.unit,
        null::varchar as provider_type,
        true as is_in_force,
        coalesce(statuses.is_open, true) as is_open,
        recares.due_date,
        list_concat(
            recares._found,
            {{ problems([
                (
                    'recares.unit_word is not null and units.unit is null',
                    problem('not_in_picklist', 'Recall_Rule__c', 'recares.unit_word'),
                ),
                (
                    'recares.status_word is not null and statuses.is_open is null',
                    problem('not_in_picklist', 'Next_Recall_Date__c', 'recares.status_word'),
                ),
            ]) }}
        ) as _found
    from {{ ref('stg_dentrix_ascend__patientrecares') }} as recares
    left join units on recares.unit_word = units.word
    left join statuses
        on statuses.table_name = 'patientrecares' and recares.status_word = statuses.word
),

{%- set columns = [
    '_practice', '_file', '_line', 'table_name', 'recallid', 'patid', 'name', 'quantity', 'unit',
    'provider_type', 'is_in_force', 'is_open', 'due_date', '_found',
] %}

gathered as (
    {%- for rows in ('due', 'overrides', 'recares') %}
    select {{ columns | join(', ') }}
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

placed as (
    select
        gathered.*,
        groups.survivor_patid,
        groups.rank_in_group
    from gathered
    left join groups
        on gathered._practice = groups._practice and gathered.patid = groups.patid
),

-- Two merged rows with one recall: the survivor's stands.
standing as (
    select
        _practice,
        table_name,
        recallid,
        survivor_patid,
        min(rank_in_group) as rank_in_group
    from placed
    where survivor_patid is not null and recallid is not null
    group by _practice, table_name, recallid, survivor_patid
),

final as (
    select
        placed.* exclude (patid, survivor_patid, rank_in_group),
        placed.patid as written_patid,
        placed.survivor_patid as patid,
        case
            when placed.recallid is null then 'no_key'
            when placed.survivor_patid is null then 'orphan'
            when placed.rank_in_group > standing.rank_in_group then 'duplicate_key'
            else 'recall'
        end as outcome
    from placed
    left join standing
        on
            placed._practice = standing._practice
            and placed.table_name = standing.table_name
            and placed.recallid = standing.recallid
            and placed.survivor_patid = standing.survivor_patid
)

select * from final
