{%- set keys = {
    'stg_dentrix__appt': ('Event', 'apptid'),
    'stg_dentrix_ascend__appointments': ('Event', 'appointment_id'),
    'stg_dentrix__clinicalnote': ('Clinical_Note__c', 'cnotesid'),
    'stg_dentrix_ascend__clinicalnotes': ('Clinical_Note__c', 'note_id'),
    'stg_dentrix__contact': ('Task', 'contactid'),
} -%}
with practices as (
    select * from {{ ref('stg_migration__practices') }}
    where system = 'dentrix' and fallback_owner is not null
),

users as (
    select * from {{ ref('stg_salesforce__users') }}
    where is_active and email is not null
),

rows_without_key as (
    {{ rows_without_key(keys) }}
),

-- Nobody, or nobody knows which: said once, not of every event.
fallback_owners as (
    select
        practices.practice as _practice,
        'migration.yml' as _file,
        null::bigint as _line,
        'User' as object,
        null::varchar as key,
        unnest({{ problems([
            ('count(users.id) = 0', problem('unmatched_user', 'OwnerId', 'practices.fallback_owner')),
            ('count(users.id) > 1', problem('ambiguous_match', 'OwnerId', 'practices.fallback_owner')),
        ]) }}) as found
    from practices
    left join users on practices.fallback_owner = users.email
    group by practices.practice, practices.fallback_owner
),

gathered as (
    select _practice, _file, _line, object, key, found
    from rows_without_key
    union all
    select _practice, _file, _line, object, key, found
    from fallback_owners
),

final as (
    {{ loose_problems('gathered') }}
)

select * from final
