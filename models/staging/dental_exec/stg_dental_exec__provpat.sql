with source as (
    select
        patient_id,
        provider_id,
        relationship,
        from_date,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'provpat') }}
),

-- What is asked more than one thing of is read once.
read as (
    select
        *,
        {{ read_timestamp('from_date') }} as from_read
    from source
),

judged as (
    select
        *,
        {{ parse_date('from_date', read='from_read') }} as since
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('patient_id') }} as patient_id,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ clean_text('relationship') }} as relationship,
        since,
        {{ problems(date_problems('from_date', 'since', 'from_read', 'From_Date__c')) }} as _found
    from judged
)

select * from final
