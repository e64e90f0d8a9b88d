with patients as (
    select * from {{ ref('stg_dental_exec__patients') }}
),

patient_groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

staged_providers as (
    select * from {{ ref('stg_dental_exec__providers') }}
),

providers as (
    select * from {{ ref('int_dental_exec__providers') }}
),

care_links as (
    select * from {{ ref('int_dental_exec__care_links') }}
    where is_own_row
),

staged_prospects as (
    select * from {{ ref('stg_dental_exec__prospects') }}
),

prospects as (
    select * from {{ ref('int_dental_exec__prospects') }}
),

system_users as (
    select * from {{ ref('stg_dental_exec__users') }}
),

-- What became of each record.
{% for records in ['patient', 'provider', 'junction', 'lead'] -%}
{{ records }}_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dental_exec__' ~ records) }}
),

{% endfor -%}
patient_rows as (
    select
        patients._practice as practice,
        'patients' as table_name,
        patients._file as file,
        patients._line as line,
        case
            when patients.patient_id is null then 'held_back'
            when not patient_groups.is_survivor then 'merged'
            when patient_records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case
            when patients.patient_id is null then 'no primary key'
            when not patient_groups.is_survivor then 'duplicate: ' || patient_groups.rule
        end as reason
    from patients
    left join patient_groups
        on
            patients._practice = patient_groups._practice
            and patients.patient_id = patient_groups.patid
    left join patient_records
        on
            {{ migration_key('patients._practice', 'patient', 'patients.patient_id') }}
            = patient_records.key
),

provider_rows as (
    select
        staged_providers._practice as practice,
        'providers' as table_name,
        staged_providers._file as file,
        staged_providers._line as line,
        case
            when staged_providers.provider_id is null then 'held_back'
            when providers.skipped_because is not null then 'skipped'
            when provider_records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case
            when staged_providers.provider_id is null then 'no primary key'
            else providers.skipped_because
        end as reason
    from staged_providers
    left join providers
        on
            staged_providers._practice = providers._practice
            and staged_providers.provider_id = providers.provider_id
    left join provider_records on providers.contact_key = provider_records.key
),

care_rows as (
    select
        care_links._practice as practice,
        'provpat' as table_name,
        care_links._file as file,
        care_links._line as line,
        case
            when care_links.outcome = 'record' and not junction_records._held_back then 'record'
            else 'held_back'
        end as outcome,
        case care_links.outcome
            when 'duplicate_key' then 'another row says the same'
            when 'no key' then 'no patient, no provider or no known relationship'
        end as reason
    from care_links
    left join junction_records on care_links.junction_key = junction_records.key
),

prospect_rows as (
    select
        staged_prospects._practice as practice,
        'prospects' as table_name,
        staged_prospects._file as file,
        staged_prospects._line as line,
        case
            when staged_prospects.prospect_id is null then 'held_back'
            when prospects.skipped_because is not null then 'skipped'
            when lead_records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case
            when staged_prospects.prospect_id is null then 'no primary key'
            else prospects.skipped_because
        end as reason
    from staged_prospects
    left join prospects
        on
            {{ migration_key('staged_prospects._practice', 'lead', 'staged_prospects.prospect_id') }}
            = prospects.lead_key
    left join lead_records on prospects.lead_key = lead_records.key
),

user_rows as (
    select
        _practice as practice,
        'users' as table_name,
        _file as file,
        _line as line,
        'skipped' as outcome,
        'serves the user match and the owner report only' as reason
    from system_users
),

{%- set tables = ['patient_rows', 'provider_rows', 'care_rows', 'prospect_rows', 'user_rows'] %}

final as (
    {%- for rows in tables %}
    select practice, table_name, file, line, outcome, reason
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
