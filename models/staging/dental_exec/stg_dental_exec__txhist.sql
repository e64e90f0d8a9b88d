with source as (
    select
        history_id,
        patient_id,
        provider_id,
        completed_date,
        procedure_code,
        tooth,
        surfaces,
        materials,
        fee,
        plan_id,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'txhist') }}
),

-- What is asked more than one thing of is read once.
read as (
    select
        *,
        {{ tooth_numbers('tooth') }} as tooth_numbers,
        {{ written_surfaces('surfaces') }} as surface_letters,
        {{ parse_money('fee') }} as fee_read,
        {{ read_timestamp('completed_date') }} as completed_read
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
        {{ parse_date('completed_date', read='completed_read') }} as treated_on
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('history_id') }} as history_id,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ id_or_null('plan_id') }} as plan_id,
        {{ clean_text('procedure_code') }} as source_code,
        tooth_named as tooth,
        -- What is no tooth may still tell one place from another, as `UR` does.
        coalesce(tooth_named, upper({{ id_or_null('tooth') }})) as place,
        case
            when {{ fully_matches('surface_letters', "'[MOIDBFL5]+'") }}
                then {{ surface_letters(surface_marks('surface_letters'), 'is_anterior') }}
        end as surface,
        {{ clean_text('materials') }} as materials,
        fee_read as fee,
        treated_on,
        {{ problems(
            tooth_problems('tooth', 'tooth_named', 'surfaces', 'surface_letters')
            + number_problems('fee', 'fee_read', 'Fee__c')
            + date_problems('completed_date', 'treated_on', 'completed_read', 'Treatment_Date__c')
        ) }} as _found
    from judged
)

select * from final
