{%- set held = ['Completion_Date__c'] -%}
{%- set fields = {'amt': 'Fee__c', 'tooth': 'Tooth__c', 'surface': 'Surface__c'} -%}
{%- set ascend_fields = {'Fee__c': 'Fee__c', 'Tooth__c': 'Tooth__c', 'Surface__c': 'Surface__c'} -%}
with g_series as (
    select * from {{ ref('stg_dentrix__fullproclog') }}
    where chart_status in (102, 103, 104, 105) and procid is not null
),

ascend as (
    select * from {{ ref('stg_dentrix_ascend__patientprocedures') }}
    where status is not null and state = 'active' and procedure_id is not null
),

case_lines as (
    select * from {{ ref('int_dentrix__case_lines') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

rows_of_both as (
    select
        _practice,
        _file,
        _line,
        procid as procedure_id,
        patid,
        case chart_status
            when 102 then 'Completed'
            when 105 then 'Planned'
            else 'Existing'
        end as status,
        proccodeid as code_id,
        txcaseid as case_id,
        provider_id,
        amount as fee,
        case
            when chart_status = 102 and not completion_is_unreadable
                then coalesce(completion_date, procedure_date)
        end as completion_date,
        coalesce(entry_date, procedure_date) as planned_date,
        tooth,
        surface,
        quadrant,
        -- Only the date that counts is missed.
        case
            when len(_found) = 0 then {{ no_problems() }}
            when chart_status != 102 then {{ problems_as('_found', fields) }}
            when completion_is_unreadable or completion_date is not null
                then {{ problems_as('_found', dict(fields, completiondate='Completion_Date__c'), held) }}
            else {{ problems_as('_found', dict(fields, procdate='Completion_Date__c'), held) }}
        end as _found
    from g_series
    union all
    select
        ascend._practice,
        ascend._file,
        ascend._line,
        ascend.procedure_id,
        ascend.patid,
        ascend.status,
        ascend.practice_procedure_id as code_id,
        case_lines.case_id,
        ascend.provider_id,
        ascend.fee,
        case when ascend.status = 'Completed' then ascend.service_date end as completion_date,
        ascend.planned_date,
        ascend.tooth,
        ascend.surface,
        ascend.quadrant,
        case
            when len(ascend._found) = 0 then {{ no_problems() }}
            when ascend.status = 'Completed'
                then {{ problems_as(
                    'ascend._found',
                    dict(ascend_fields, Completion_Date__c='Completion_Date__c'),
                    held
                ) }}
            else {{ problems_as('ascend._found', ascend_fields) }}
        end as _found
    from ascend
    left join case_lines
        on
            ascend._practice = case_lines._practice
            and ascend.procedure_id = case_lines.procedure_id
),

final as (
    select rows_of_both.*
    from rows_of_both
    left join practices on rows_of_both._practice = practices.practice
    where rows_of_both.status != 'Existing' or coalesce(practices.include_existing_work, true)
)

select * from final
