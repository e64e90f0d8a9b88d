with source as (
    select
        id,
        duedate,
        interval as interval_length,
        intervalunit,
        status,
        patient,
        recaretemplate,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'patientrecares') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

read as (
    select
        source.*,
        practices.time_zone,
        {{ parse_integer('source.interval_length') }} as quantity,
        {{ read_timestamp('source.duedate') }} as due_read
    from source
    left join practices on source._practice = practices.practice
),

dated as (
    select
        *,
        {{ ascend_date('duedate', 'time_zone', read='due_read') }} as due_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ ascend_id('id') }} as recare_id,
        {{ ascend_id('patient') }} as patid,
        {{ ascend_id('recaretemplate') }} as template_id,
        coalesce({{ json_text('recaretemplate', '$.name') }}, {{ json_text('recaretemplate', '$.code') }})
            as template_name,
        case when quantity > 0 then quantity end as quantity,
        lower({{ clean_text('intervalunit') }}) as unit_word,
        due_date,
        lower({{ clean_text('status') }}) as status_word,
        {{ problems(
            date_problems('duedate', 'due_date', 'due_read', 'Next_Recall_Date__c')
            + number_problems('interval_length', 'quantity', 'Recall_Rule__c', whole=true)
            + [('quantity < 0', problem('out_of_range', 'Recall_Rule__c', 'interval_length'))]
        ) }} as _found
    from dated
)

select * from final
