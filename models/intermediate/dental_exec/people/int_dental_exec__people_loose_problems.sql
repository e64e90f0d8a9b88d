{%- set keys = {
    'stg_dental_exec__patients': ('Account', 'patient_id'),
    'stg_dental_exec__providers': ('Contact', 'provider_id'),
    'stg_dental_exec__prospects': ('Lead', 'prospect_id'),
} -%}
with care_links as (
    select * from {{ ref('int_dental_exec__care_links') }}
    where is_own_row and outcome != 'record'
),

prospects as (
    select * from {{ ref('int_dental_exec__prospects') }}
    where lacks_patient
),

owner_words as (
    select * from {{ ref('int_dental_exec__owner_words') }}
    where matched_user_id is null
),

fallback_owners as (
    select * from {{ ref('int_dental_exec__fallback_owners') }}
    where fallback_owner is not null and owner_user_id is null
),

system_users as (
    select * from {{ ref('stg_dental_exec__users') }}
),

care_problems as (
    select
        _practice,
        _file,
        _line,
        'Provider_Patient_Junction__c' as object,
        junction_key as key,
        unnest(list_concat(
            _found,
            {{ problems([
                (
                    "outcome = 'duplicate_key'",
                    problem('duplicate_key', value='patient_id', held_back=true),
                ),
                (
                    'patient_id is null',
                    problem('missing_required', 'Account__r.Migration_Key__c', held_back=true),
                ),
                (
                    'provider_id is null',
                    problem('missing_required', 'Contact__r.Migration_Key__c', held_back=true),
                ),
                (
                    'relationship_written is null',
                    problem('missing_required', 'Relationship_Type__c', held_back=true),
                ),
                (
                    'relationship_written is not null and relationship_type is null',
                    problem(
                        'not_in_picklist', 'Relationship_Type__c', 'relationship_written',
                        held_back=true,
                    ),
                ),
            ]) }}
        )) as found
    from care_links
),

-- Who has an appointment and is no patient yet would be lost sight of.
prospect_problems as (
    select
        _practice,
        _file,
        _line,
        'Lead' as object,
        lead_key as key,
        {{ problem('missing_required', 'Status') }} as found
    from prospects
),

-- Said once of a person, not of every record that names them.
owner_problems as (
    select
        _practice,
        _file,
        _line,
        'User' as object,
        null::varchar as key,
        {{ problem('unmatched_user', 'OwnerId', 'min(written)') }} as found
    from owner_words
    group by _practice, _file, _line, coalesce(person_kind, written), person_id
),

fallback_problems as (
    select
        _practice,
        'migration.yml' as _file,
        null::bigint as _line,
        'User' as object,
        null::varchar as key,
        case
            when active_users > 1
                then {{ problem('ambiguous_match', 'OwnerId', 'fallback_owner') }}
            else {{ problem('unmatched_user', 'OwnerId', 'fallback_owner') }}
        end as found
    from fallback_owners
),

user_problems as (
    select
        _practice,
        _file,
        _line,
        'User' as object,
        {{ migration_key('_practice', 'user', 'user_id') }} as key,
        unnest(_found) as found
    from system_users
),

rows_without_key as (
    {{ rows_without_key(keys) }}
),

gathered as (
    select * from care_problems
    union all
    select * from prospect_problems
    union all
    select * from owner_problems
    union all
    select * from fallback_problems
    union all
    select * from user_problems
    union all
    select * from rows_without_key
),

final as (
    {{ loose_problems('gathered') }}
)

select * from final
