with production as (
    select * from {{ ref('stg_dental_exec__production') }}
),

attribution as (
    select * from {{ ref('int_dental_exec__attribution') }}
),

-- A day may be written in two ways: of two rows of one day the last counts, as of any key.
ranked as (
    select
        *,
        row_number() over (
            partition by _practice, metric_date, provider_id
            order by _line desc
        ) as place_from_last
    from production
),

final as (
    select
        ranked._practice,
        ranked._file,
        ranked._line,
        strftime(ranked.metric_date, '%Y%m%d') || '-' || coalesce(ranked.provider_id, 'practice')
            as metric_id,
        ranked.metric_date is not null and ranked.place_from_last > 1 as is_repeated,
        ranked.metric_date,
        attribution.provider_contact_key,
        ranked.daily_goal,
        ranked.units_completed,
        ranked.production,
        ranked.collections,
        ranked.collection_rate,
        list_concat(
            ranked._found,
            {{ problems([(
                'ranked.provider_id is not null and attribution.provider_id is null',
                problem('orphan', 'Contact__r.Migration_Key__c', 'ranked.provider_id'),
            )]) }}
        ) as _found
    from ranked
    left join attribution
        on
            ranked._practice = attribution._practice
            and ranked.provider_id = attribution.provider_id
)

select * from final
