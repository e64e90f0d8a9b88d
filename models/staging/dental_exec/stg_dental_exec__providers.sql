with source as (
    select
        provider_id,
        last_name,
        first_name,
        type,
        specialty,
        npi,
        license,
        email,
        active,
        _practice,
        _file,
        _line
    from {{ source('raw_dental_exec', 'providers') }}
),

final as (
    select
        _practice,
        _file,
        _line,
        {{ id_or_null('provider_id') }} as provider_id,
        {{ proper_name('last_name') }} as last_name,
        {{ proper_name('first_name') }} as first_name,
        {{ clean_text('type') }} as type,
        {{ clean_text('specialty') }} as specialty,
        {{ clean_text('npi') }} as npi,
        {{ clean_text('license') }} as license,
        {{ valid_email('email') }} as email,
        coalesce({{ parse_flag('active') }}, {{ clean_text('active') }} is null) as is_active,
        {{ problems([
            email_problem('email', valid_email('email')),
            (
                clean_text('active') ~ ' is not null and ' ~ parse_flag('active') ~ ' is null',
                problem('not_in_picklist', 'Active__c', 'active'),
            ),
        ]) }} as _found
    from source
)

select * from final
