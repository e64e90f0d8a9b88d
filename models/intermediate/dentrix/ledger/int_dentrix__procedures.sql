with procedure_rows as (
    select * from {{ ref('int_dentrix__procedure_rows') }}
),

people as (
    select * from {{ ref('int_dentrix__ledger_people') }}
),

codes as (
    select * from {{ ref('int_dentrix__procedure_codes') }}
),

practices_with_codes as (
    select _practice
    from codes
    group by _practice
),

-- Some exports write the code itself where its id should be.
bare_codes as (
    select * from {{ ref('cdt_codes') }}
),

providers as (
    select * from {{ ref('int_dentrix__attribution') }}
),

final as (
    select
        procedure_rows._practice,
        procedure_rows._file,
        procedure_rows._line,
        procedure_rows.procedure_id,
        coalesce(people.survivor_patid, procedure_rows.patid) as patid,
        procedure_rows.status,
        -- Planned work without a case goes into the patient's default plan.
        coalesce(
            procedure_rows.case_id,
            case when procedure_rows.status = 'Planned' then 'default-' || people.survivor_patid end
        ) as plan_id,
        coalesce(codes.source_code, procedure_rows.code_id) as source_code,
        case when codes.code_id is null then bare_codes.code else codes.cdt_code end as cdt_code,
        codes.description,
        procedure_rows.tooth,
        procedure_rows.surface,
        procedure_rows.quadrant,
        abs(procedure_rows.fee) as fee,
        procedure_rows.completion_date,
        procedure_rows.planned_date,
        providers.provider_user_id,
        providers.provider_contact_key,
        -- A plan adds up the lines that load, and must know them before the mart does.
        coalesce(people.is_loaded, false)
        and (procedure_rows.status != 'Completed' or procedure_rows.completion_date is not null)
            as is_loaded,
        list_concat(
            procedure_rows._found,
            {{ problems([
                (
                    "procedure_rows.status = 'Completed' and procedure_rows.completion_date is null"
                    ~ " and not list_contains("
                    ~ "list_transform(procedure_rows._found, lambda x: x.field), 'Completion_Date__c')",
                    problem('missing_required', 'Completion_Date__c', held_back=true),
                ),
                (
                    'codes.code_id is not null and codes.cdt_code is null',
                    problem('invalid_code', 'CDT_Code__c', 'codes.source_code'),
                ),
                (
                    'procedure_rows.code_id is not null and codes.code_id is null'
                    ~ ' and bare_codes.code is null and practices_with_codes._practice is not null',
                    problem('orphan', 'CDT_Code__c', 'procedure_rows.code_id'),
                ),
                (
                    'procedure_rows.provider_id is not null and providers.provider_id is null',
                    problem('orphan', 'Provider_Contact__c', 'procedure_rows.provider_id'),
                ),
            ]) }}
        ) as _found
    from procedure_rows
    left join people
        on procedure_rows._practice = people._practice and procedure_rows.patid = people.patid
    left join codes
        on procedure_rows._practice = codes._practice and procedure_rows.code_id = codes.code_id
    left join practices_with_codes
        on procedure_rows._practice = practices_with_codes._practice
    left join bare_codes on procedure_rows.code_id = bare_codes.code
    left join providers
        on
            procedure_rows._practice = providers._practice
            and procedure_rows.provider_id = providers.provider_id
)

select * from final
