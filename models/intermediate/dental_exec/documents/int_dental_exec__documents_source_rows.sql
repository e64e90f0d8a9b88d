with files as (
    select * from {{ ref('int_dental_exec__files') }}
    where table_name = 'docs'
),

-- What became of each record.
note_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dental_exec__note') }}
),

file_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dental_exec__file') }}
),

notes_rows as (
    select
        staged._practice as practice,
        'notes' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when staged.note_id is null or records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case when staged.note_id is null then 'no primary key' end as reason
    from {{ ref('stg_dental_exec__notes') }} as staged
    left join note_records as records
        on {{ migration_key('staged._practice', 'note', 'staged.note_id') }} = records.key
),

docs_rows as (
    select
        files._practice as practice,
        'docs' as table_name,
        files._file as file,
        files._line as line,
        case
            when files.outcome != 'file' or records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case files.outcome
            when 'no_key' then 'no primary key'
            when 'duplicate_key' then 'the patient has the same file once'
        end as reason
    from files
    left join file_records as records
        on {{ migration_key('files._practice', 'file', 'files.file_id') }} = records.key
),

final as (
    {%- for table in ('notes', 'docs') %}
    select practice, table_name, file, line, outcome, reason
    from {{ table }}_rows
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
