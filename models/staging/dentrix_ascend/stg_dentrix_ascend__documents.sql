with source as (
    select
        id,
        name,
        tags,
        ownerpatient,
        storage,
        created,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'documents') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

read as (
    select
        source.*,
        practices.time_zone,
        {{ read_timestamp('source.created') }} as created_read
    from source
    left join practices on source._practice = practices.practice
),

dated as (
    select
        *,
        {{ ascend_date('created', 'time_zone', read='created_read') }} as captured_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ ascend_id('id') }} as docid,
        {{ ascend_id('ownerpatient') }} as patid,
        {{ clean_text('name') }} as title,
        nullif(array_to_string({{ json_texts('tags', '$[*]') }}, ', '), '') as category,
        {{ json_text('storage', '$.original') }} as path,
        captured_date,
        {{ problems(
            date_problems('created', 'captured_date', 'created_read', 'Captured_Date__c')
        ) }} as _found
    from dated
)

select * from final
