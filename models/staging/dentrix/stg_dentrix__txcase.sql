with source as (
    select
        txcaseid,
        patid,
        descript,
        status,
        createdate,
        provid,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'txcase') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

read as (
    select
        *,
        {{ read_timestamp('createdate') }} as created_read
    from source
),

dated as (
    select
        read.*,
        {{ parse_timestamp('createdate', time_zone='practices.time_zone', read='created_read') }}
            as created_at
    from read
    left join practices on read._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('txcaseid') }} as txcaseid,
        {{ id_or_null('patid') }} as patid,
        {{ id_or_null('provid') }} as provider_id,
        {{ clean_text('descript') }} as description,
        {{ clean_text('status') }} as status_id,
        created_at,
        {{ problems(
            date_problems('createdate', 'created_at', 'created_read', 'Plan_Date__c')
        ) }} as _found
    from dated
)

select * from final
