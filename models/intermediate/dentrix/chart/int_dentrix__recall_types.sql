with units as (
    select * from {{ ref('shared__recall_unit') }}
),

provider_types as (
    select * from {{ ref('dentrix__recall_provider_type') }}
),

statuses as (
    select * from {{ ref('dentrix__recall_status') }}
    where table_name = 'recalltype'
),

final as (
    select
        recall_types._practice,
        recall_types._file,
        recall_types._line,
        recall_types.recallid,
        recall_types.patid,
        coalesce(recall_types.name, recall_types.description) as name,
        recall_types.quantity,
        units.unit,
        provider_types.provider_type,
        -- Where nothing is said, or a word nobody knows, the rule stands.
        coalesce(statuses.is_open, case when recall_types.status_word is not null then true end)
            as is_in_force,
        list_concat(
            recall_types._found,
            {{ problems([
                (
                    'recall_types.unit_word is not null and units.unit is null',
                    problem('not_in_picklist', 'Recall_Rule__c', 'recall_types.unit_word'),
                ),
                (
                    "recall_types.provider_type_word != '0' and provider_types.provider_type is null",
                    problem('not_in_picklist', 'Recall_Rule__c', 'recall_types.provider_type_word'),
                ),
                (
                    'recall_types.status_word is not null and statuses.is_open is null',
                    problem('not_in_picklist', 'Recall_Rule__c', 'recall_types.status_word'),
                ),
            ]) }}
        ) as _found
    from {{ ref('stg_dentrix__recalltype') }} as recall_types
    left join units on recall_types.unit_word = units.word
    left join provider_types on recall_types.provider_type_word = provider_types.word
    left join statuses on recall_types.status_word = statuses.word
)

select * from final
