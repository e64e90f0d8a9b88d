with patients as (
    select * from {{ ref('int_dentrix__patients') }}
),

patient_groups as (
    select * from {{ ref('int_dentrix__patient_groups') }}
),

families as (
    select * from {{ ref('int_dentrix__families') }}
),

providers as (
    select * from {{ ref('int_dentrix__providers') }}
),

insurance_links as (
    select * from {{ ref('int_dentrix__insurance_links') }}
),

aging_rows as (
    select * from {{ ref('int_dentrix__aging_rows') }}
),

staged_patients as (
    select * from {{ ref('stg_dentrix__patient') }}
),

staged_addresses as (
    select * from {{ ref('stg_dentrix__address') }}
),

staged_provider_emails as (
    select * from {{ ref('stg_dentrix__provider_email') }}
),

staged_specialties as (
    select * from {{ ref('stg_dentrix__specialty') }}
),

staged_insured as (
    select * from {{ ref('stg_dentrix__insured') }}
),

carrier_spellings as (
    select * from {{ ref('int_shared__carrier_spellings') }}
),

carriers as (
    select * from {{ ref('int_shared__carriers') }}
),

-- What became of each record.
patient_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__patient') }}
),

family_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__family') }}
),

provider_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__provider') }}
),

insurance_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__insurance') }}
),

carrier_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('shared__carrier') }}
),

patient_rows as (
    select
        staged._practice as practice,
        'patient' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when staged.patid is null then 'held_back'
            when not patient_groups.is_survivor then 'merged'
            when patient_records._held_back then 'held_back'
            else 'record'
        end as outcome,
        case
            when staged.patid is null then 'no primary key'
            when not patient_groups.is_survivor then 'duplicate: ' || patient_groups.rule
        end as reason
    from staged_patients as staged
    left join patient_groups
        on
            staged._practice = patient_groups._practice
            and staged.patid = patient_groups.patid
    left join patient_records
        on {{ migration_key('staged._practice', 'patient', 'staged.patid') }} = patient_records.key
),

-- Every use of an address by a record, whether its street or its phone arrives.
address_uses as (
    select
        patients._practice,
        unnest([
            patients.mailing_address_id,
            patients.billing_address_id,
            patients.home_phone_address_id
        ]) as address_id,
        patient_records._held_back
    from patients
    inner join patient_records
        on
            {{ migration_key('patients._practice', 'patient', 'patients.patid') }}
            = patient_records.key
    union all
    select
        families._practice,
        unnest([families.address_id, families.phone_address_id]) as address_id,
        family_records._held_back
    from families
    inner join family_records on families.family_key = family_records.key
),

used_addresses as (
    select
        _practice,
        address_id,
        bool_and(_held_back) as _held_back
    from address_uses
    where address_id is not null
    group by _practice, address_id
),

named_addresses as (
    select
        _practice,
        unnest([address_id, billing_address_id]) as address_id
    from staged_patients
),

addresses_named as (
    select
        _practice,
        address_id
    from named_addresses
    where address_id is not null
    group by _practice, address_id
),

address_rows as (
    select
        staged._practice as practice,
        'address' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when used_addresses._held_back then 'held_back'
            when used_addresses.address_id is not null then 'record'
            when staged.is_blank and staged.home_phone is null then 'skipped'
            when addresses_named.address_id is not null then 'merged'
            else 'skipped'
        end as outcome,
        case
            when used_addresses.address_id is not null then null
            when staged.is_blank and staged.home_phone is null then 'blank'
            when addresses_named.address_id is not null
                then 'its patients were merged into others who have an address'
            else 'no patient lives here'
        end as reason
    from staged_addresses as staged
    left join used_addresses
        on
            staged._practice = used_addresses._practice
            and staged.address_id = used_addresses.address_id
    left join addresses_named
        on
            staged._practice = addresses_named._practice
            and staged.address_id = addresses_named.address_id
),

provider_rows as (
    select
        providers._practice as practice,
        providers.kind as table_name,
        providers._file as file,
        providers._line as line,
        case
            when provider_records._held_back then 'held_back'
            when providers.needs_contact then 'record'
            else 'skipped'
        end as outcome,
        coalesce(
            providers.skipped_because,
            case when not providers.needs_contact then 'works in Salesforce as a user' end
        ) as reason
    from providers
    left join provider_records on providers.contact_key = provider_records.key
    union all
    select
        _practice as practice,
        'provider' as table_name,
        _file as file,
        _line as line,
        'held_back' as outcome,
        'no primary key' as reason
    from {{ ref('stg_dentrix__provider') }}
    where provider_id is null
    union all
    select
        _practice as practice,
        'referral' as table_name,
        _file as file,
        _line as line,
        'held_back' as outcome,
        'no primary key' as reason
    from {{ ref('stg_dentrix__referral') }}
    where refid is null
),

provider_email_rows as (
    select
        staged._practice as practice,
        'provider_email' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when provider_records._held_back then 'held_back'
            when provider_records.key is not null and providers.email = staged.email then 'record'
            else 'skipped'
        end as outcome,
        case
            when providers.source_id is null then 'no such provider'
            when staged.email is null then 'no e-mail address'
            when providers.skipped_because is not null then providers.skipped_because
            when not providers.needs_contact then 'served to find the provider''s user'
            when providers.email != staged.email then 'the provider has an e-mail address of their own'
        end as reason
    from staged_provider_emails as staged
    left join providers
        on
            staged._practice = providers._practice
            and staged.provider_id = providers.source_id
            and providers.kind = 'provider'
    left join provider_records on providers.contact_key = provider_records.key
),

staff_rows as (
    select
        _practice as practice,
        'staff' as table_name,
        _file as file,
        _line as line,
        'skipped' as outcome,
        'serves the user match and the owner report only' as reason
    from {{ ref('stg_dentrix__staff') }}
),

used_specialties as (
    select
        providers._practice,
        providers.specialty_id,
        bool_and(provider_records._held_back) as _held_back
    from providers
    inner join provider_records on providers.contact_key = provider_records.key
    where providers.specialty_id is not null and providers.specialty is not null
    group by providers._practice, providers.specialty_id
),

specialty_rows as (
    select
        staged._practice as practice,
        'specialty' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when used_specialties._held_back then 'held_back'
            when used_specialties.specialty_id is not null then 'record'
            else 'skipped'
        end as outcome,
        case
            when used_specialties.specialty_id is null then 'no provider has it'
        end as reason
    from staged_specialties as staged
    left join used_specialties
        on
            staged._practice = used_specialties._practice
            and staged.specialty_id = used_specialties.specialty_id
),

carrier_rows as (
    select
        spellings._practice as practice,
        'inscarrier' as table_name,
        spellings._file as file,
        spellings._line as line,
        case
            when spellings.carrier_key is null then 'held_back'
            when carrier_records._held_back then 'held_back'
            when carriers.carrier_key is not null then 'record'
            else 'merged'
        end as outcome,
        case
            when spellings.carrier_key is null then 'a plan without a carrier''s name'
            when carriers.carrier_key is null then 'another plan of the same carrier'
        end as reason
    from carrier_spellings as spellings
    left join carriers
        on
            spellings.carrier_key = carriers.carrier_key
            and spellings._practice = carriers.first_practice
            and spellings._file = carriers._file
            and spellings._line = carriers._line
    left join carrier_records on spellings.carrier_key = carrier_records.key
),

used_insured as (
    select
        links._practice,
        links.insuredid,
        bool_or(links.outcome = 'record') as makes_record,
        bool_and(insurance_records._held_back) filter (where links.outcome = 'record')
            as _held_back
    from insurance_links as links
    left join insurance_records
        on
            links.outcome = 'record'
            and {{ migration_key('links._practice', 'insurance', 'links.survivor_patid') }}
            || case links.priority when 'Primary' then '-P' else '-S' end
            = insurance_records.key
    group by links._practice, links.insuredid
),

insured_rows as (
    select
        staged._practice as practice,
        'insured' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when used_insured._held_back then 'held_back'
            when used_insured.makes_record then 'record'
            when used_insured.insuredid is not null then 'merged'
            else 'skipped'
        end as outcome,
        case
            when used_insured.insuredid is null then 'no patient points here'
            when not used_insured.makes_record
                then 'of a merged patient; the survivor has an insurance of their own'
        end as reason
    from staged_insured as staged
    left join used_insured
        on
            staged._practice = used_insured._practice
            and staged.insuredid = used_insured.insuredid
),

balance_rows as (
    select
        aging_rows._practice as practice,
        'aging' as table_name,
        aging_rows._file as file,
        aging_rows._line as line,
        case
            when family_records.key is null then 'skipped'
            when family_records._held_back then 'held_back'
            when aging_rows.guarid = aging_rows.family_patid then 'record'
            else 'merged'
        end as outcome,
        case
            when family_records.key is null then 'no such guarantor'
            when aging_rows.guarid != aging_rows.family_patid
                then 'added to the family that its guarantor is in now'
        end as reason
    from aging_rows
    left join family_records
        on
            {{ migration_key('aging_rows._practice', 'family', 'aging_rows.family_patid') }}
            = family_records.key
),

{%- set tables = [
    'patient_rows', 'address_rows', 'provider_rows', 'provider_email_rows', 'staff_rows',
    'specialty_rows', 'carrier_rows', 'insured_rows', 'balance_rows',
] %}

final as (
    {%- for rows in tables %}
    select practice, table_name, file, line, outcome, reason
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
