-- Names are made comparable where they are few, not at every alert.
with hhitems as (
    select
        *,
        {{ comparable_alert('name') }} as name_key
    from {{ ref('stg_dentrix__hhitem') }}
),

medical_alerts as (
    select
        *,
        {{ comparable_alert('name') }} as name_key
    from {{ ref('stg_dentrix_ascend__medicalalerts') }}
),

medalerts as (
    select
        *,
        {{ comparable_alert('name') }} as name_key
    from {{ ref('stg_dentrix__medalert') }}
    where bit is not null
),

dentrix_links as (
    select
        links._practice,
        links._file,
        links._line,
        'hhlinkpat_item' as table_name,
        links.patid,
        links.linkid as alert_id,
        links.item_id as code,
        hhitems.item_id is not null as is_known,
        hhitems.name,
        hhitems.name_key,
        hhitems.kind,
        coalesce(links.is_critical, false) or coalesce(hhitems.is_critical, false) as is_critical,
        links.is_ended,
        links.reported_date,
        links.start_date,
        links.end_date,
        links.note,
        links._found
    from {{ ref('stg_dentrix__hhlinkpat_item') }} as links
    left join hhitems
        on links._practice = hhitems._practice and links.item_id = hhitems.item_id
),

ascend_links as (
    select
        links._practice,
        links._file,
        links._line,
        'patientmedicalalerts' as table_name,
        links.patid,
        links.alert_id,
        links.item_id as code,
        medical_alerts.item_id is not null as is_known,
        medical_alerts.name,
        medical_alerts.name_key,
        medical_alerts.kind,
        coalesce(medical_alerts.is_critical, false) as is_critical,
        links.is_ended,
        null::date as reported_date,
        links.start_date,
        links.end_date,
        links.note,
        links._found
    from {{ ref('stg_dentrix_ascend__patientmedicalalerts') }} as links
    left join medical_alerts
        on links._practice = medical_alerts._practice and links.item_id = medical_alerts.item_id
),

-- Bit n of the first mask is alert n, of the second alert 31 + n.
masks as (
    select
        _practice,
        _file,
        _line,
        patid,
        medical_alert_mask_1 as mask,
        0 as first_bit
    from {{ ref('stg_dentrix__patient') }}
    where medical_alert_mask_1 is not null
    union all
    select
        _practice,
        _file,
        _line,
        patid,
        medical_alert_mask_2 as mask,
        31 as first_bit
    from {{ ref('stg_dentrix__patient') }}
    where medical_alert_mask_2 is not null
),

places as (
    select unnest(range(0, 31)) as place
),

set_bits as (
    select
        masks._practice,
        masks._file,
        masks._line,
        masks.patid,
        (masks.first_bit + places.place)::integer as bit
    from masks
    cross join places
    where (masks.mask >> places.place::integer) & 1 = 1
),

-- Older databases know no kinds: a name that newer ones list has the kind it has there.
kinds_by_name as (
    select
        _practice,
        name_key,
        min(kind) as kind
    from hhitems
    where name_key is not null
    group by _practice, name_key
),

bit_names as (
    select
        medalerts._practice,
        medalerts.bit,
        medalerts.name,
        medalerts.name_key,
        case
            when kinds_by_name.kind is not null then kinds_by_name.kind
            when contains(lower(medalerts.name), 'allerg') then 'Allergy'
            when medalerts.name is not null then 'Problem'
        end as kind
    from medalerts
    left join kinds_by_name
        on
            medalerts._practice = kinds_by_name._practice
            and medalerts.name_key = kinds_by_name.name_key
),

bit_rows as (
    select
        set_bits._practice,
        set_bits._file,
        set_bits._line,
        'patient' as table_name,
        set_bits.patid,
        null::varchar as alert_id,
        set_bits.bit::varchar as code,
        bit_names.bit is not null as is_known,
        bit_names.name,
        bit_names.name_key,
        bit_names.kind,
        false as is_critical,
        false as is_ended,
        null::date as reported_date,
        null::date as start_date,
        null::date as end_date,
        null::varchar as note,
        {{ no_problems() }} as _found
    from set_bits
    left join bit_names
        on set_bits._practice = bit_names._practice and set_bits.bit = bit_names.bit
),

{%- set columns = [
    '_practice', '_file', '_line', 'table_name', 'patid', 'alert_id', 'code', 'is_known', 'name',
    'name_key', 'kind', 'is_critical', 'is_ended', 'reported_date', 'start_date', 'end_date', 'note',
    '_found',
] %}

final as (
    {%- for rows in ('dentrix_links', 'ascend_links', 'bit_rows') %}
    select {{ columns | join(', ') }}
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
