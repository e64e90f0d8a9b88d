with source as (
    select
        id,
        name,
        description,
        type,
        iscritical,
        _practice,
        _file,
        _line
    from {{ source('raw_ascend', 'medicalalerts') }}
),

kinds as (
    select word, kind
    from {{ ref('dentrix__alert_kind') }}
),

final as (
    select
        source._practice,
        source._file,
        source._line,
        {{ ascend_id('source.id') }} as item_id,
        coalesce({{ clean_text('source.name') }}, {{ clean_text('source.description') }}) as name,
        kinds.kind,
        {{ parse_flag('source.iscritical') }} as is_critical,
        {{ problems([
            (
                clean_text('source.type') ~ ' is not null and kinds.kind is null',
                problem('not_in_picklist', 'Kind__c', 'source.type'),
            ),
            (
                clean_text('source.iscritical') ~ ' is not null and '
                ~ parse_flag('source.iscritical') ~ ' is null',
                problem('not_in_picklist', 'Critical__c', 'source.iscritical'),
            ),
        ]) }} as _found
    from source
    left join kinds on lower({{ clean_text('source.type') }}) = kinds.word
)

select * from final
