with source as (
    select
        step,
        object,
        api_name,
        type,
        length,
        precision,
        scale,
        picklist_values,
        restricted
    from {{ source('raw_migration', 'custom_fields') }}
),

final as (
    select
        step,
        object,
        api_name,
        type,
        length,
        precision,
        scale,
        {{ json_texts('picklist_values', '$[*]') }} as picklist_values,
        restricted
    from source
)

select * from final
