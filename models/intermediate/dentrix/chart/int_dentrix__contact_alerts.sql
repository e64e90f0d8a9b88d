with alerts as (
    select alerts.*
    from {{ ref('int_dentrix__alerts') }} as alerts
    inner join {{ ref('int_dentrix__alert_modes') }} as modes
        on alerts._practice = modes.practice and modes.stored_as = 'picklist'
    where alerts.outcome = 'alert'
),

-- The platform does not tell values apart by case: the most frequent spelling is everyone's.
spellings as (
    select
        name_key,
        arg_max(name, (times, name)) as value
    from (
        select
            name_key,
            name,
            count(*) as times
        from alerts
        where not has_ended
        group by name_key, name
    ) as spelled
    group by name_key
),

described as (
    select
        alerts.*,
        spellings.value,
        coalesce({{ utf16_length('alerts.name') }} > 255, false) as is_too_long,
        nullif(concat_ws(
            '; ',
            case when alerts.is_critical then 'critical' end,
            case when alerts.has_ended then 'ended' end,
            case
                when alerts.start_date is not null and alerts.end_date is not null
                    then alerts.start_date::varchar || ' to ' || alerts.end_date::varchar
                when alerts.start_date is not null then 'since ' || alerts.start_date::varchar
                when alerts.end_date is not null then 'until ' || alerts.end_date::varchar
            end,
            case
                when alerts.reported_date is not null
                    then 'reported ' || alerts.reported_date::varchar
            end
        ), '') as circumstances,
        coalesce(alerts.name, 'Alert ' || alerts.code || ', which the export does not name')
            as written_name
    from alerts
    left join spellings on alerts.name_key = spellings.name_key
),

gathered as (
    select
        _practice,
        patid,
        array_to_string(
            list_sort(list_distinct(
                list(value) filter (where not has_ended and name is not null and not is_too_long)
            )),
            ';'
        ) as all_values,
        list(
            struct_pack(
                has_ended := has_ended,
                "text" := concat(written_name, ' (' || circumstances || ')', ': ' || note),
                says_more := coalesce(circumstances, note) is not null or is_too_long or name is null
            )
            order by has_ended, not is_critical, lower(written_name), id
        ) as lines,
        list({{ problem(
            'too_long', 'Clinical_Alert__c', 'name', file='_file', line='_line',
            action='Shorten the name in the source; until then it stands in Clinical_Alert_Details__c.',
        ) }} order by id) filter (where is_too_long and not has_ended) as _found
    from described
    group by _practice, patid
),

-- A part of the alerts would look like all of them: too many are all in the details.
final as (
    select
        _practice,
        patid,
        case when {{ utf16_length('all_values') }} <= 4099 then nullif(all_values, '') end
            as clinical_alert,
        nullif(array_to_string(
            list_transform(
                list_filter(
                    lines,
                    lambda x: x.says_more or {{ utf16_length('all_values') }} > 4099
                ),
                lambda x: x."text"
            ),
            chr(10)
        ), '') as clinical_alert_details,
        list_concat(
            coalesce(_found, {{ no_problems() }}),
            {{ problems([(
                utf16_length('all_values') ~ ' > 4099',
                problem(
                    'too_long', 'Clinical_Alert__c', 'all_values',
                    action='Shorten the names in the source; until then all stand in Clinical_Alert_Details__c.',
                ),
            )]) }}
        ) as _found
    from gathered
)

select * from final
