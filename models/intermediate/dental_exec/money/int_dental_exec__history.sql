with history as (
    select * from {{ ref('stg_dental_exec__txhist') }}
    where history_id is not null
),

people as (
    select * from {{ ref('int_dental_exec__money_people') }}
),

attribution as (
    select * from {{ ref('int_dental_exec__attribution') }}
),

codes as (
    select * from {{ ref('int_dental_exec__procedure_codes') }}
),

history_plans as (
    select * from {{ ref('int_dental_exec__history_plans') }}
),

final as (
    select
        history._practice,
        history._file,
        history._line,
        history.history_id,
        coalesce(people.survivor_id, history.patient_id) as patient_id,
        coalesce(people.is_loaded, false) and history.treated_on is not null as is_loaded,
        attribution.provider_contact_key,
        history_plans.plan_line_id,
        codes.cdt_code,
        history.source_code,
        history.tooth,
        history.surface,
        history.materials,
        abs(history.fee) as fee,
        history.treated_on,
        list_concat(
            history._found,
            {{ problems([
                (
                    'history.source_code is not null and codes.cdt_code is null',
                    problem('invalid_code', 'CDT_Code__c', 'history.source_code'),
                ),
                (
                    'history.provider_id is not null and attribution.provider_id is null',
                    problem(
                        'orphan', 'Provider_Contact__r.Migration_Key__c', 'history.provider_id'
                    ),
                ),
                (
                    'history.plan_id is not null and people.is_loaded'
                    ~ ' and history_plans.plan_line_id is null',
                    problem('orphan', 'Treatment_Plan__r.Migration_Key__c', 'history.plan_id'),
                ),
            ]) }}
        ) as _found
    from history
    left join people
        on history._practice = people._practice and history.patient_id = people.patient_id
    left join attribution
        on
            history._practice = attribution._practice
            and history.provider_id = attribution.provider_id
    left join codes on history.source_code = codes.source_code
    left join history_plans
        on
            history._practice = history_plans._practice
            and history.history_id = history_plans.history_id
)

select * from final
