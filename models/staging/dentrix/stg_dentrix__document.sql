with source as (
    select
        docid,
        doctypeid,
        descript,
        createdate,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'document') }}
),

read as (
    select
        *,
        {{ read_timestamp('createdate') }} as created_read
    from source
),

dated as (
    select
        *,
        {{ parse_date('createdate', read='created_read') }} as captured_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('docid') }} as docid,
        {{ id_or_null('doctypeid') }} as category_id,
        {{ clean_text('descript') }} as title,
        captured_date,
        {{ problems(
            date_problems('createdate', 'captured_date', 'created_read', 'Captured_Date__c')
        ) }} as _found
    from dated
)

select * from final
