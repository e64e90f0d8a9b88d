with alerts as (
    select * from {{ ref('int_dentrix__alerts') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
    where system = 'dentrix'
),

-- Those that would be values of the picklist: neither ended ones nor what does not fit a value.
kinds as (
    select
        _practice,
        count(distinct name_key) as kinds_in_use
    from alerts
    where outcome = 'alert' and not has_ended and {{ utf16_length('name') }} <= 255
    group by _practice
),

final as (
    select
        practices.practice,
        coalesce(kinds.kinds_in_use, 0) as kinds_in_use,
        case
            when practices.clinical_alerts in ('picklist', 'object') then practices.clinical_alerts
            when kinds.kinds_in_use > 100 then 'object'
            else 'picklist'
        end as stored_as
    from practices
    left join kinds on practices.practice = kinds._practice
)

select * from final
