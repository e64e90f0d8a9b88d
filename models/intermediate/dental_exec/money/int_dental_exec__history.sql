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

categories as (
    select * from {{ ref('cdt_categories') }}
),

history_plans as (
    select * from {{ ref('int_dental_exec__history_plans') }}
),

-- Dental-Exec has no table of codes: what falls into a category of CDT is known. Ranges do not
-- overlap, so a code falls into one at most.
coded as (
    select
        history.*,
        {{ cdt_code('history.source_code', 'categories.category') }} as cdt_code
    from history
    left join categories
        on history.source_code between categories.first_code and categories.last_code
),

final as (
    select
        coded._practice,
        coded._file,
        coded._line,
        coded.history_id,
        coalesce(people.survivor_id, coded.patient_id) as patient_id,
        coalesce(people.is_loaded, false) and coded.treated_on is not null as is_loaded,
        attribution.provider_contact_key,
        history_plans.plan_line_id,
        coded.cdt_code,
        coded.source_code,
        coded.tooth,
        coded.surface,
        coded.materials,
        abs(coded.fee) as fee,
        coded.treated_on,
        list_concat(
            coded._found,
            {{ problems([
                (
                    'coded.source_code is not null and coded.cdt_code is null',
                    problem('invalid_code', 'CDT_Code__c', 'coded.source_code'),
                ),
                (
                    'coded.provider_id is not null and attribution.provider_id is null',
                    problem(
                        'orphan', 'Provider_Contact__r.Migration_Key__c', 'coded.provider_id'
                    ),
                ),
                (
                    'coded.plan_id is not null and people.is_loaded'
                    ~ ' and history_plans.plan_line_id is null',
                    problem('orphan', 'Treatment_Plan__r.Migration_Key__c', 'coded.plan_id'),
                ),
            ]) }}
        ) as _found
    from coded
    left join people
        on coded._practice = people._practice and coded.patient_id = people.patient_id
    left join attribution
        on
            coded._practice = attribution._practice
            and coded.provider_id = attribution.provider_id
    left join history_plans
        on
            coded._practice = history_plans._practice
            and coded.history_id = history_plans.history_id
)

select * from final
