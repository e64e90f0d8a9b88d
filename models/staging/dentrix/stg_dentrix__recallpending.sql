with source as (
    select
        recallid,
        patid,
        duedate,
        status,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'recallpending') }}
),

read as (
    select
        *,
        {{ read_timestamp('duedate') }} as due_read
    from source
),

dated as (
    select
        *,
        {{ parse_date('duedate', read='due_read') }} as due_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('recallid') }} as recallid,
        {{ id_or_null('patid') }} as patid,
        due_date,
        lower({{ clean_text('status') }}) as status_word,
        {{ problems(date_problems('duedate', 'due_date', 'due_read', 'Next_Recall_Date__c')) }} as _found
    from dated
)

select * from final
