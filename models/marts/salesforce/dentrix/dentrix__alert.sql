with alerts as (
    select alerts.*
    from {{ ref('int_dentrix__alerts') }} as alerts
    inner join {{ ref('int_dentrix__alert_modes') }} as modes
        on alerts._practice = modes.practice and modes.stored_as = 'object'
    where alerts.outcome in ('alert', 'orphan')
),

shaped as (
    select
        {{ migration_key('_practice', 'alert', 'id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'coalesce(patid, written_patid)') }}
            as "Contact__r.Migration_Key__c",
        name as "Alert__c",
        kind as "Kind__c",
        is_critical as "Critical__c",
        start_date as "Start_Date__c",
        end_date as "End_Date__c",
        nullif(concat_ws(
            chr(10),
            case when {{ utf16_length('name') }} > 255 then name end,
            case when name is null then 'Alert ' || code || ', which the export does not name' end,
            case when has_ended and end_date is null then 'Ended' end,
            case when reported_date is not null then 'Reported ' || reported_date::varchar end,
            note
        ), '') as "Details__c",
        _practice,
        _file,
        _line,
        _found
    from alerts
),

final as (
    {{ checked('shaped', parents=[ref('dentrix__patient')]) }}
)

select * from final
