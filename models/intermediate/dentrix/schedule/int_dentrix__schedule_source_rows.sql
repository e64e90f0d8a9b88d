{#- Staging with the column that holds its primary key, and the table it lands as. -#}
{%- set appointments = [
    ('appt', 'stg_dentrix__appt', 'apptid'),
    ('appointments', 'stg_dentrix_ascend__appointments', 'appointment_id'),
] -%}
{%- set notes = [
    ('clinicalnote', 'stg_dentrix__clinicalnote', 'cnotesid'),
    ('clinicalnotes', 'stg_dentrix_ascend__clinicalnotes', 'note_id'),
] -%}
with appointment_rows as (
    select * from {{ ref('int_dentrix__appointment_rows') }}
),

journal_entries as (
    select * from {{ ref('int_dentrix__journal_entries') }}
),

-- What became of each record.
appointment_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__event') }}
    union all
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__appointment') }}
),

note_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__note') }}
),

activity_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__activity') }}
),

{% for table, staged, key in appointments -%}
{{ table }}_rows as (
    select
        staged._practice as practice,
        '{{ table }}' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when staged.{{ key }} is null then 'held_back'
            when appointment_rows.is_deleted or appointment_rows.is_block then 'skipped'
            when records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case
            when staged.{{ key }} is null then 'no primary key'
            when appointment_rows.is_deleted then 'deleted, as the history of appointments says'
            when appointment_rows.is_block then 'a block, not a visit'
        end as reason
    from {{ ref(staged) }} as staged
    left join appointment_rows
        on
            staged._practice = appointment_rows._practice
            and staged.{{ key }} = appointment_rows.appointment_id
    left join appointment_records as records
        on {{ migration_key('staged._practice', 'evt', 'staged.' ~ key) }} = records.key
),

{% endfor -%}
{% for table, staged, key in notes -%}
{{ table }}_rows as (
    select
        staged._practice as practice,
        '{{ table }}' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when staged.{{ key }} is null or records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case when staged.{{ key }} is null then 'no primary key' end as reason
    from {{ ref(staged) }} as staged
    left join note_records as records
        on {{ migration_key('staged._practice', 'note', 'staged.' ~ key) }} = records.key
),

{% endfor -%}
contact_rows as (
    select
        staged._practice as practice,
        'contact' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when staged.contactid is null then 'held_back'
            when journal_entries.is_repeat then 'merged'
            when records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case
            when staged.contactid is null then 'no primary key'
            when journal_entries.is_repeat then 'an exact repeat of another entry'
        end as reason
    from {{ ref('stg_dentrix__contact') }} as staged
    left join journal_entries
        on
            staged._practice = journal_entries._practice
            and staged.contactid = journal_entries.contactid
    left join activity_records as records
        on {{ migration_key('staged._practice', 'tsk', 'staged.contactid') }} = records.key
),

appthist_rows as (
    select
        _practice as practice,
        'appthist' as table_name,
        _file as file,
        _line as line,
        'skipped' as outcome,
        'says which appointments were deleted, and is no record' as reason
    from {{ ref('stg_dentrix__appthist') }}
),

locations_rows as (
    select
        _practice as practice,
        'locations' as table_name,
        _file as file,
        _line as line,
        'skipped' as outcome,
        'no record names where the practice works' as reason
    from {{ ref('stg_dentrix_ascend__locations') }}
),

-- Rows of look-up tables are records where one of theirs is.
uses as (
    select
        appointment_rows._practice,
        appointment_rows.operatory_id,
        appointment_rows.appointment_type_id,
        case when appointment_rows.status_is_own_word then appointment_rows.status_code end
            as status_code,
        records._held_back
    from appointment_rows
    inner join appointment_records as records
        on
            {{ migration_key('appointment_rows._practice', 'evt', 'appointment_rows.appointment_id') }}
            = records.key
),

{% for what in ('operatory_id', 'appointment_type_id', 'status_code') -%}
used_{{ what }} as (
    select
        _practice,
        {{ what }},
        bool_and(_held_back) as _held_back
    from uses
    where {{ what }} is not null
    group by _practice, {{ what }}
),

{% endfor -%}
{% for table, staged, key, used in [
    ('operatory', 'stg_dentrix__operatory', 'operatory_id', 'operatory_id'),
    ('operatories', 'stg_dentrix_ascend__operatories', 'operatory_id', 'operatory_id'),
    ('appt_type', 'stg_dentrix__appt_type', 'defid', 'appointment_type_id'),
    ('appt_status', 'stg_dentrix__appt_status', 'defid', 'status_code'),
] -%}
{{ table }}_rows as (
    select
        staged._practice as practice,
        '{{ table }}' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when used._held_back then 'held_back'
            when used.{{ used }} is not null then 'record'
            else 'skipped'
        end as outcome,
        case when used.{{ used }} is null then 'no appointment that loads names it' end as reason
    from {{ ref(staged) }} as staged
    left join used_{{ used }} as used
        on staged._practice = used._practice and staged.{{ key }} = used.{{ used }}
),

{% endfor -%}
final as (
    {%- for table in [
        'appt', 'appointments', 'clinicalnote', 'clinicalnotes', 'contact', 'appthist', 'locations',
        'operatory', 'operatories', 'appt_type', 'appt_status',
    ] %}
    select practice, table_name, file, line, outcome, reason
    from {{ table }}_rows
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
