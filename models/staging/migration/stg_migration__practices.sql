with source as (
    select
        practice,
        system,
        product,
        practice_name,
        time_zone,
        country,
        ledger_sign,
        extracted_at,
        set_id,
        appointments_as,
        clinical_alerts,
        sensitive_alerts,
        imaging_base_url,
        fallback_owner,
        max_file_mb,
        include_existing_work,
        lead_company,
        audit_fields
    from {{ source('raw_migration', 'practices') }}
),

final as (
    select
        practice,
        system,
        product,
        {{ clean_text('practice_name') }} as practice_name,
        time_zone,
        country,
        ledger_sign,
        try_cast(extracted_at as timestamptz) as extracted_at,
        set_id,
        appointments_as,
        clinical_alerts,
        {{ json_texts('sensitive_alerts', '$.names[*]') }} as sensitive_alert_names,
        coalesce({{ json_text('sensitive_alerts', '$.action') }}, 'load') as sensitive_alert_action,
        {{ clean_text('imaging_base_url') }} as imaging_base_url,
        lower({{ clean_text('fallback_owner') }}) as fallback_owner,
        {{ parse_money('max_file_mb') }} as max_file_mb,
        {{ parse_flag('include_existing_work') }} as include_existing_work,
        {{ clean_text('lead_company') }} as lead_company,
        {{ parse_flag('audit_fields') }} as audit_fields
    from source
)

select * from final
