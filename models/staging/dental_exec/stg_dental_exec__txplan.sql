with source as (
    select
        plan_id,
        line_no,
        patient_id,
        provider_id,
        phase,
        procedure_code,
        tooth,
        surfaces,
        fee,
        ins_est,
        status,
        plan_date,
        est_completion,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'txplan') }}
),

-- What is asked more than one thing of is read once.
read as (
    select
        *,
        {{ tooth_numbers('tooth') }} as tooth_numbers,
        {{ written_surfaces('surfaces') }} as surface_letters,
        {{ parse_money('fee') }} as fee_read,
        {{ parse_money('ins_est') }} as insurance_estimate,
        {{ read_timestamp('plan_date') }} as plan_read,
        {{ read_timestamp('est_completion') }} as completion_read
    from source
),

judged as (
    select
        *,
        case
            when len(tooth_numbers) <= 2 and tooth_numbers[-1] is not null
                then {{ tooth_name('tooth_numbers[1]', last='tooth_numbers[-1]') }}
        end as tooth_named,
        {{ is_anterior_tooth('tooth_numbers[1]') }} as is_anterior,
        {{ parse_date('plan_date', read='plan_read') }} as planned_on,
        {{ parse_date('est_completion', read='completion_read') }} as estimated_completion
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('plan_id') }} as plan_id,
        {{ id_or_null('plan_id') }} || '-' || {{ clean_text('line_no') }} as plan_line_id,
        {{ parse_integer('line_no') }} as line_number,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ clean_text('phase') }} as phase,
        {{ clean_text('procedure_code') }} as source_code,
        tooth_named as tooth,
        -- What is no tooth may still tell one place from another, as `UR` does.
        coalesce(tooth_named, upper({{ id_or_null('tooth') }})) as place,
        case
            when {{ fully_matches('surface_letters', "'[MOIDBFL5]+'") }}
                then {{ surface_letters(surface_marks('surface_letters'), 'is_anterior') }}
        end as surface,
        fee_read as fee,
        insurance_estimate,
        {{ clean_text('status') }} as status_word,
        planned_on,
        estimated_completion,
        {{ problems(
            tooth_problems('tooth', 'tooth_named', 'surfaces', 'surface_letters')
            + number_problems('fee', 'fee_read', 'Total_Fee__c')
            + number_problems('ins_est', 'insurance_estimate', 'Insurance_Estimate__c')
            + date_problems('plan_date', 'planned_on', 'plan_read', 'Plan_Date__c')
            + date_problems(
                'est_completion', 'estimated_completion', 'completion_read',
                'Estimated_Completion_Date__c'
            )
        ) }} as _found
    from judged
)

select * from final
