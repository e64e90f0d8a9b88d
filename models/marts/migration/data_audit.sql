with unmet as (
    select * from {{ ref('int_shared__unmet_expectations') }}
),

fill as (
    select * from {{ ref('int_shared__column_fill') }}
),

unknown_columns as (
    select practice, table_name, column_name
    from {{ ref('stg_migration__columns') }}
    where not known
    group by practice, table_name, column_name
),

patients as (
    select
        _practice as practice,
        count(*) as total,
        count(*) filter (where birth_date is null) as without
    from {{ ref('int_dentrix__patients') }}
    group by _practice
    union all
    select
        _practice as practice,
        count(*) as total,
        count(*) filter (where birth_date is null) as without
    from {{ ref('int_dental_exec__patients') }}
    group by _practice
),

providers as (
    select
        _practice as practice,
        count(*) as total,
        count(*) filter (where email is null) as without
    from {{ ref('int_dentrix__providers') }}
    where kind = 'provider' and skipped_because is null
    group by _practice
),

-- What counts here is the value as it loads: a sentinel or an unreadable date is none.
people as (
    select
        practice,
        'birth_date_missing' as finding,
        without,
        total,
        'the birth date of these patients stays empty; duplicates among them are found only by other evidence'
            as consequence,
        'Fill in the birth dates in the source, or leave it.' as action
    from patients
    where without > 0
    union all
    select
        practice,
        'provider_email_missing' as finding,
        without,
        total,
        'these providers are matched to no user: Provider__c of their records stays empty' as consequence,
        'Send a list of e-mail addresses (provider_email.csv; in Ascend: users).' as action
    from providers
    where without > 0
),

final as (
    select
        practice,
        subject,
        table_name,
        column_name,
        finding,
        rows_without as count,
        total,
        need,
        consequence,
        action
    from unmet
    union all
    select
        practice,
        'value' as subject,
        null as table_name,
        null as column_name,
        finding,
        without as count,
        total,
        'wanted' as need,
        consequence,
        action
    from people
    union all
    select
        practice,
        'column' as subject,
        table_name,
        column_name,
        'unknown_column' as finding,
        null as count,
        null as total,
        null as need,
        'its values are kept beside the table and load into no field' as consequence,
        'Confirm it as a custom field where Salesforce should have it.' as action
    from unknown_columns
    union all
    select
        practice,
        'column' as subject,
        table_name,
        column_name,
        'fill_rate' as finding,
        filled as count,
        total,
        null as need,
        null as consequence,
        null as action
    from fill
)

select * from final
