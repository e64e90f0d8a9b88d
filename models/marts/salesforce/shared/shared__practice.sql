with practices as (
    select * from {{ ref('stg_migration__practices') }}
),

shaped as (
    select
        {{ migration_key('practice', 'practice', 'practice') }} as "Migration_Key__c",
        coalesce(practice_name, {{ proper_name("replace(practice, '_', ' ')") }}) as "Name",
        'Practice' as "Account_Kind__c",
        practice as _practice,
        'export.yml' as _file,
        1::bigint as _line,
        {{ no_problems() }} as _found
    from practices
),

final as (
    {{ checked('shaped') }}
)

select * from final
