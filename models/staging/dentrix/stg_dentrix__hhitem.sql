with source as (
    select
        itemid,
        hhtype,
        description,
        critical,
        _practice,
        _file,
        _line
    from {{ source('raw_dentrix', 'hhitem') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('itemid') }} as item_id,
        {{ clean_text('description') }} as name,
        {{ dentrix_alert_kind('hhtype') }} as kind,
        {{ parse_flag('critical') }} as is_critical,
        {{ problems([
            (
                clean_text('hhtype') ~ ' is not null and ' ~ dentrix_alert_kind('hhtype') ~ ' is null',
                problem('not_in_picklist', 'Kind__c', 'hhtype'),
            ),
            (
                clean_text('critical') ~ ' is not null and ' ~ parse_flag('critical') ~ ' is null',
                problem('not_in_picklist', 'Critical__c', 'critical'),
            ),
        ]) }} as _found
    from source
)

select * from final
