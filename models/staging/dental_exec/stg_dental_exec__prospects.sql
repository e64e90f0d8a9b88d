with source as (
    select
        prospect_id,
        last_name,
        first_name,
        phone,
        email,
        source,
        interest_level,
        inquiry_date,
        status,
        converted_patient_id,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'prospects') }}
),

-- What is asked more than one thing of is read once.
read as (
    select
        *,
        {{ read_timestamp('inquiry_date') }} as inquiry_read,
        {{ valid_email('email') }} as email_address
    from source
),

judged as (
    select
        *,
        {{ parse_date('inquiry_date', read='inquiry_read') }} as inquired_on
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('prospect_id') }} as prospect_id,
        {{ proper_name('last_name') }} as last_name,
        {{ proper_name('first_name') }} as first_name,
        {{ format_phone('phone') }} as phone,
        email_address as email,
        {{ clean_text('source') }} as lead_source,
        {{ clean_text('interest_level') }} as interest_level,
        inquired_on as inquiry_date,
        {{ clean_text('status') }} as status,
        {{ id_or_null('converted_patient_id') }} as converted_patient_id,
        {{ problems(
            date_problems('inquiry_date', 'inquired_on', 'inquiry_read', 'Inquiry_Date__c')
            + [email_problem('email', 'email_address')]
        ) }} as _found
    from judged
)

select * from final
