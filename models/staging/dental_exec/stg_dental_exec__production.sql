with source as (
    select
        "date",
        provider_id,
        daily_goal,
        units_completed,
        production,
        collections,
        collection_rate,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'production') }}
),

-- What is asked more than one thing of is read once.
read as (
    select
        *,
        {{ read_timestamp('"date"') }} as date_read,
        {{ parse_money('daily_goal') }} as goal_read,
        {{ parse_integer('units_completed') }} as units_read,
        {{ parse_money('production') }} as production_read,
        {{ parse_money('collections') }} as collections_read,
        {{ parse_percent('collection_rate') }} as rate_read
    from source
),

judged as (
    select
        *,
        {{ parse_date('"date"', read='date_read') }} as metric_date
    from read
),

final as (
    select
        _practice,
        _file,
        _line,
        metric_date,
        {{ id_or_null('provider_id') }} as provider_id,
        goal_read as daily_goal,
        units_read as units_completed,
        production_read as production,
        collections_read as collections,
        rate_read as collection_rate,
        {{ problems(
            date_problems('"date"', 'metric_date', 'date_read', 'Metric_Date__c')
            + number_problems('daily_goal', 'goal_read', 'Daily_Production_Goal__c')
            + number_problems('units_completed', 'units_read', 'Units_Completed__c', whole=true)
            + number_problems('production', 'production_read', 'Production__c')
            + number_problems('collections', 'collections_read', 'Collections__c')
            + number_problems('collection_rate', 'rate_read', 'Collection_Rate__c')
        ) }} as _found
    from judged
)

select * from final
