with cells as (
    select * from {{ ref('stg_migration__custom_values') }}
),

fields as (
    select * from {{ ref('stg_migration__custom_fields') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

typed as (
    select
        cells._practice,
        cells._file,
        cells._line,
        cells.step,
        cells.key,
        cells.api_name,
        cells.written,
        cells.value_read,
        fields.type,
        fields.precision - coalesce(fields.scale, 0) as whole_digits,
        coalesce(
            fields.length,
            case fields.type
                when 'Email' then 80
                when 'Phone' then 40
                when 'LongTextArea' then 131072
                else 255
            end
        ) as longest,
        case fields.type
            when 'Date'
                then {{ date_text(parse_date('cells.written', read='cells.value_read')) }}
            when 'DateTime'
                then {{ timestamp_text(to_utc(
                    parse_timestamp(
                        'cells.written', time_zone='practices.time_zone', read='cells.value_read'
                    ),
                    'practices.time_zone'
                )) }}
            when 'Checkbox' then {{ flag_text(parse_flag('cells.written')) }}
            when 'Email' then {{ valid_email('cells.written') }}
            when 'Percent' then ({{ parse_percent('cells.written') }})::varchar
            when 'Currency' then ({{ parse_number('cells.written') }})::varchar
            when 'Number' then ({{ parse_number('cells.written') }})::varchar
            when 'Picklist'
                then coalesce(
                    {{ spelled_as_listed('cells.trimmed', 'fields.picklist_values') }},
                    case when not fields.restricted then cells.trimmed end
                )
            else cells.trimmed
        end as value
    from cells
    inner join fields
        on cells.step = fields.step and cells.api_name = fields.api_name
    left join practices on cells._practice = practices.practice
),

judged as (
    select
        *,
        case
            when value is null and type in ('Date', 'DateTime')
                then
                    case
                        when {{ is_no_date('written', 'value_read') }} then null
                        when value_read is null then 'unreadable_date'
                        else 'out_of_range'
                    end
            when value is null and type in ('Number', 'Currency', 'Percent')
                then
                    case
                        when {{ is_amount('written') }} then 'out_of_range'
                        else 'unreadable_number'
                    end
            when value is null and type = 'Checkbox' then 'invalid_code'
            when value is null and type = 'Email' then 'invalid_email'
            when value is null and type = 'Picklist' then 'not_in_picklist'
            when
                type in ('Number', 'Currency', 'Percent')
                and {{ has_more_digits('value', 'whole_digits') }}
                then 'out_of_range'
            when {{ utf16_length('value') }} > longest then 'too_long'
        end as class
    from typed
),

final as (
    select
        _practice,
        _file,
        _line,
        step,
        key,
        api_name,
        written,
        case when class is null then value end as value,
        class
    from judged
)

select * from final
