with source as (
    select
        doc_id,
        patient_id,
        category,
        file_name,
        relative_path,
        scan_date,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'docs') }}
),

read as (
    select
        *,
        {{ read_timestamp('scan_date') }} as scan_date_read
    from source
),

dated as (
    select
        *,
        {{ parse_date('scan_date', read='scan_date_read') }} as captured_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('doc_id') }} as doc_id,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ clean_text('category') }} as category,
        {{ clean_text('file_name') }} as file_name,
        {{ clean_text('relative_path') }} as relative_path,
        captured_date,
        {{ problems(
            date_problems('scan_date', 'captured_date', 'scan_date_read', 'Captured_Date__c')
        ) }} as _found
    from dated
)

select * from final
