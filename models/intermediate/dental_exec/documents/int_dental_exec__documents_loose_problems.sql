{%- set keys = {
    'stg_dental_exec__notes': ('Clinical_Note__c', 'note_id'),
    'stg_dental_exec__docs': ('ContentVersion', 'doc_id'),
} -%}
with rows_without_key as (
    {{ rows_without_key(keys) }}
),

same_bytes as (
    select
        _practice,
        _file,
        _line,
        'ContentVersion' as object,
        {{ migration_key('_practice', 'file', 'file_id') }} as key,
        {{ problem(
            'duplicate_key', value=migration_key('_practice', 'file', 'standing_file_id'),
            held_back=true, action='Nothing: the patient has the same file once.',
        ) }} as found
    from {{ ref('int_dental_exec__files') }}
    where outcome = 'duplicate_key'
),

gathered as (
    select _practice, _file, _line, object, key, found
    from rows_without_key
    union all
    select _practice, _file, _line, object, key, found
    from same_bytes
),

final as (
    {{ loose_problems('gathered') }}
)

select * from final
