{%- set keys = {
    'patient': ('Contact', 'patid'),
    'provider': ('Contact', 'provider_id'),
    'referral': ('Contact', 'refid'),
} -%}
with links as (
    select * from {{ ref('int_dentrix__insurance_links') }}
    where outcome != 'record'
),

insurance_problems as (
    select
        _practice,
        _file,
        _line,
        'Insurance_Detail__c' as object,
        {{ migration_key('_practice', 'insurance', 'survivor_patid') }}
        || case priority when 'Primary' then '-P' else '-S' end as key,
        unnest({{ problems([
            ("outcome = 'orphan'", problem('orphan', value='insuredid')),
            ("outcome = 'duplicate_key'", problem('duplicate_key', value='insuredid')),
        ]) }}) as found
    from links
),

aging_problems as (
    select
        _practice,
        _file,
        _line,
        'Account' as object,
        {{ migration_key('_practice', 'family', 'guarid') }} as key,
        unnest(list_concat(
            _found,
            {{ problems([('true', problem('orphan', value='guarid'))]) }}
        )) as found
    from {{ ref('int_dentrix__aging_rows') }}
    where family_patid is null
),

providers as (
    select * from {{ ref('stg_dentrix__provider') }}
),

provider_email_problems as (
    select
        emails._practice,
        emails._file,
        emails._line,
        'Contact' as object,
        {{ migration_key('emails._practice', 'provider', 'emails.provider_id') }} as key,
        unnest(list_concat(
            emails._found,
            {{ problems([('true', problem('orphan', 'Email', 'emails.provider_id'))]) }}
        )) as found
    from {{ ref('stg_dentrix__provider_email') }} as emails
    left join providers
        on
            emails._practice = providers._practice
            and emails.provider_id = providers.provider_id
    where providers.provider_id is null
),

staff_problems as (
    select
        _practice,
        _file,
        _line,
        'User' as object,
        {{ migration_key('_practice', 'staff', 'staff_id') }} as key,
        unnest(_found) as found
    from {{ ref('stg_dentrix__staff') }}
),

-- A plan without a carrier's name would be a carrier without a name.
carrier_problems as (
    select
        _practice,
        _file,
        _line,
        'Account' as object,
        null::varchar as key,
        {{ problem('missing_required', 'Name', 'carrier_name', held_back=true) }} as found
    from {{ ref('int_shared__carrier_spellings') }}
    where carrier_key is null
),

-- A row whose primary key is `0`, which says "no row", can be nobody's record.
rows_without_key as (
    {%- for table, (object, key) in keys.items() %}
    select
        _practice,
        _file,
        _line,
        '{{ object }}' as object,
        null::varchar as key,
        {{ problem('missing_required', 'Migration_Key__c', "'0'", held_back=true) }} as found
    from {{ ref('stg_dentrix__' ~ table) }}
    where {{ key }} is null
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

gathered as (
    select * from insurance_problems
    union all
    select * from aging_problems
    union all
    select * from provider_email_problems
    union all
    select * from staff_problems
    union all
    select * from carrier_problems
    union all
    select * from rows_without_key
),

final as (
    select
        _practice as practice,
        coalesce(found.file, _file) as file,
        coalesce(found.line, _line) as line,
        object,
        key,
        found.field as field,
        found.class as class,
        found.held_back as held_back,
        found."value" as "value",
        found.action as action
    from gathered
)

select * from final
