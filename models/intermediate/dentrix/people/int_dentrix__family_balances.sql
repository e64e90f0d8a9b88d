{%- set buckets = {
    'balance_0_30': 'Balance_0_30__c',
    'balance_31_60': 'Balance_31_60__c',
    'balance_61_90': 'Balance_61_90__c',
    'balance_over_90': 'Balance_Over_90__c',
} -%}
with aging_rows as (
    select * from {{ ref('int_dentrix__aging_rows') }}
    where family_patid is not null
),

-- A bucket that could not be read in one of the rows is not known for the family either.
added as (
    select
        _practice,
        family_patid,
        {%- for bucket, field in buckets.items() %}
        case
            when bool_or(list_contains(list_transform(_found, lambda x: x.field), '{{ field }}'))
                then null
            else sum({{ bucket }})
        end as {{ bucket }},
        {%- endfor %}
        coalesce(bool_or(len(_found) > 0), false) as is_incomplete,
        sum(
            coalesce(balance_0_30, 0) + coalesce(balance_31_60, 0)
            + coalesce(balance_61_90, 0) + coalesce(balance_over_90, 0)
        ) as total,
        flatten(
            list({{ problems_at('_found', '_file', '_line') }} order by _file, _line)
        ) as _found
    from aging_rows
    group by _practice, family_patid
),

final as (
    select
        _practice,
        family_patid,
        {%- for bucket in buckets %}
        {{ bucket }},
        {%- endfor %}
        case when not is_incomplete then total end as outstanding_balance,
        _found
    from added
)

select * from final
