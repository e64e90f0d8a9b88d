with alerts as (
    select
        alerts.*,
        modes.stored_as
    from {{ ref('int_dentrix__alerts') }} as alerts
    left join {{ ref('int_dentrix__alert_modes') }} as modes
        on alerts._practice = modes.practice
    where alerts.outcome != 'omitted'
),

images as (
    select * from {{ ref('int_dentrix__images') }}
),

recall_rows as (
    select * from {{ ref('int_dentrix__recall_rows') }}
),

-- As values of the picklist, alerts have no record of their own to report on.
contact_alert_problems as (
    select
        _practice,
        _file,
        _line,
        'Contact' as object,
        {{ migration_key('_practice', 'patient', 'patid') }} as key,
        unnest(list_transform(_found, lambda x: struct_pack(
            field := case
                when x.field = 'Alert__c' then 'Clinical_Alert__c'
                else 'Clinical_Alert_Details__c'
            end,
            class := x.class,
            "value" := x."value",
            held_back := x.held_back,
            action := x.action,
            file := x.file,
            line := x.line
        ))) as found
    from alerts
    where outcome = 'alert' and stored_as = 'picklist'
),

alerts_of_nobody as (
    select
        _practice,
        _file,
        _line,
        'Contact' as object,
        {{ migration_key('_practice', 'patient', 'written_patid') }} as key,
        {{ problem('orphan', 'Clinical_Alert__c', 'written_patid', held_back=true) }} as found
    from alerts
    where outcome = 'orphan' and stored_as = 'picklist'
),

alerts_twice as (
    select
        _practice,
        _file,
        _line,
        'Clinical_Alert__c' as object,
        {{ migration_key('_practice', 'alert', 'id') }} as key,
        {{ problem('duplicate_key', value="written_patid || '-' || code") }} as found
    from alerts
    where outcome = 'duplicate_key'
),

alerts_without_key as (
    select
        _practice,
        _file,
        _line,
        'Clinical_Alert__c' as object,
        null::varchar as key,
        {{ problem('missing_required', 'Migration_Key__c', held_back=true) }} as found
    from {{ ref('int_dentrix__alert_rows') }}
    where alert_id is null and table_name != 'patient'
),

-- What is wrong with a name is said once, not for every patient who has it.
alert_name_problems as (
    select
        _practice,
        _file,
        _line,
        'Clinical_Alert__c' as object,
        item_id as key,
        unnest(_found) as found
    from {{ ref('stg_dentrix__hhitem') }}
    union all
    select
        _practice,
        _file,
        _line,
        'Clinical_Alert__c' as object,
        item_id as key,
        unnest(_found) as found
    from {{ ref('stg_dentrix_ascend__medicalalerts') }}
    union all
    select
        _practice,
        _file,
        _line,
        'Clinical_Alert__c' as object,
        null::varchar as key,
        unnest(_found) as found
    from {{ ref('stg_dentrix__medalert') }}
),

image_problems as (
    select
        _practice,
        _file,
        _line,
        'Imaging_Reference__c' as object,
        {{ migration_key('_practice', 'image', 'image_id') }} as key,
        unnest({{ problems([
            (
                "outcome = 'no_key'",
                problem('missing_required', 'Migration_Key__c', held_back=true),
            ),
            ("outcome = 'no_document'", problem('orphan', none, 'docid', held_back=true)),
            ("outcome = 'duplicate_key'", problem('duplicate_key', value='attachment_id')),
        ]) }}) as found
    from images
    where outcome in ('no_key', 'no_document', 'duplicate_key')
),

recall_problems as (
    select
        _practice,
        _file,
        _line,
        'Contact' as object,
        {{ migration_key('_practice', 'patient', 'coalesce(patid, written_patid)') }} as key,
        unnest(list_concat(
            _found,
            {{ problems([
                (
                    "outcome = 'no_key'",
                    problem('missing_required', 'Recall_Rule__c', held_back=true),
                ),
                (
                    "outcome = 'orphan'",
                    problem('orphan', 'Recall_Rule__c', 'written_patid', held_back=true),
                ),
                (
                    "outcome = 'duplicate_key'",
                    problem('duplicate_key', 'Recall_Rule__c', "recallid || '-' || written_patid"),
                ),
            ]) }}
        )) as found
    from recall_rows
),

template_problems as (
    select
        _practice,
        _file,
        _line,
        'Contact' as object,
        null::varchar as key,
        unnest(list_concat(
            _found,
            {{ problems([(
                'recallid is null',
                problem('missing_required', 'Recall_Rule__c', held_back=true),
            )]) }}
        )) as found
    from {{ ref('int_dentrix__recall_types') }}
    where patid is null
),

unnamed_recalls as (
    select
        _practice,
        _file,
        _line,
        'Contact' as object,
        {{ migration_key('_practice', 'patient', 'patid') }} as key,
        unnest({{ problems([
            ('not is_known', problem('orphan', 'Recall_Rule__c', 'recallid')),
            ('is_known', problem('missing_required', 'Recall_Rule__c', 'recallid')),
        ]) }}) as found
    from {{ ref('int_dentrix__patient_recalls') }}
    where rule is null and is_in_force
),

{%- set problem_rows = [
    'contact_alert_problems', 'alerts_of_nobody', 'alerts_twice', 'alerts_without_key',
    'alert_name_problems', 'image_problems', 'recall_problems', 'template_problems',
    'unnamed_recalls',
] %}

gathered as (
    {%- for rows in problem_rows %}
    select _practice, _file, _line, object, key, found
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    {{ loose_problems('gathered') }}
)

select * from final
