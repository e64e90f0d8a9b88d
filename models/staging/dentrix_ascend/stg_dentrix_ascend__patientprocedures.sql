with source as (
    select
        id,
        amount,
        entrydate,
        servicedate,
        treatmentplanneddate,
        status,
        state,
        oralcavity,
        procedureteeth,
        practiceprocedure,
        renderingprovider,
        treatmentplannedprovider,
        patient,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'patientprocedures') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

quadrants as (
    select * from {{ ref('dentrix_ascend__oral_cavity') }}
),

read as (
    select
        *,
        {{ words_of('status') }} as status_words,
        {{ words_of('state') }} as state_words,
        {{ words_of('oralcavity') }} as cavity_words,
        {{ parse_money('amount') }} as fee,
        {{ read_timestamp('servicedate') }} as service_read,
        coalesce({{ clean_text('treatmentplanneddate') }}, {{ clean_text('entrydate') }}) as planned,
        {{ ascend_teeth('procedureteeth') }} as teeth,
        {{ ascend_surfaces('procedureteeth') }} as surfaces
    from source
),

charted as (
    select
        *,
        {{ read_timestamp('planned') }} as planned_read,
        list_sort(list_distinct(list_transform(teeth, lambda x: {{ tooth_number('x') }}))) as numbers,
        len(list_filter(teeth, lambda x: ({{ tooth_number('x') }}) is null)) > 0 as has_strange_teeth
    from read
),

judged as (
    select
        charted.*,
        quadrants.quadrant as known_quadrant,
        {{ ascend_date('charted.servicedate', 'practices.time_zone', read='service_read') }}
            as service_date,
        {{ ascend_date('charted.planned', 'practices.time_zone', read='planned_read') }} as planned_date,
        -- Several teeth are a range where none is missing between them.
        case
            when has_strange_teeth then null
            when numbers[-1] - numbers[1] + 1 = len(numbers)
                then {{ tooth_name('numbers[1]', last='numbers[-1]') }}
        end as tooth,
        {{ is_anterior_tooth('numbers[1]') }} as is_anterior
    from charted
    left join practices on charted._practice = practices.practice
    left join quadrants on charted.cavity_words = quadrants.word
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('id') }} as procedure_id,
        {{ ascend_id('patient') }} as patid,
        case status_words
            when 'completed' then 'Completed'
            when 'existing' then 'Existing'
            when 'treatment plan' then 'Planned'
        end as status,
        coalesce(status_words, 'blank') as status_words,
        coalesce(state_words, 'active') as state,
        {{ ascend_id('practiceprocedure') }} as practice_procedure_id,
        coalesce({{ ascend_id('renderingprovider') }}, {{ ascend_id('treatmentplannedprovider') }})
            as provider_id,
        fee,
        service_date,
        planned_date,
        tooth,
        {{ surface_letters(surface_marks('surfaces'), 'is_anterior') }} as surface,
        case when len(teeth) = 0 then known_quadrant end as quadrant,
        {{ problems(
            date_problems('servicedate', 'service_date', 'service_read', 'Completion_Date__c')
            + number_problems('amount', 'fee', 'Fee__c')
            + [(
                'len(teeth) > 0 and tooth is null',
                problem('out_of_range', 'Tooth__c', 'procedureteeth'),
            )]
        ) }} as _found
    from judged
)

select * from final
