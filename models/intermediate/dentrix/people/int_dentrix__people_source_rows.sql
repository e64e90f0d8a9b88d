with patients as (
    select * from {{ ref('int_dentrix__patients') }}
),

patient_groups as (
    select * from {{ ref('int_shared__patient_groups') }}
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
    select
        _practice,
        _file,
        _line,
        'patient' as table_name,
        patid
    from {{ ref('stg_dentrix__patient') }}
    union all
    select
        _practice,
        _file,
        _line,
        'patients' as table_name,
        patid
    from {{ ref('stg_dentrix_ascend__patients') }}
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

insured as (
    select * from {{ ref('int_dentrix__insured_rows') }}
),

insurance as (
    select * from {{ ref('int_dentrix__insurance') }}
),

carrier_plans as (
    select * from {{ ref('stg_dentrix_ascend__carrierinsuranceplans') }}
),

ascend_users as (
    select * from {{ ref('stg_dentrix_ascend__users') }}
),

carrier_spellings as (
    select * from {{ ref('int_shared__carrier_spellings') }}
    where table_name in ('inscarrier', 'insurancecarriers')
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
        staged.table_name,
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
    from {{ ref('stg_dentrix__patient') }}
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
        providers.table_name,
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
    {%- for model, (table, key) in {
        'stg_dentrix__provider': ('provider', 'provider_id'),
        'stg_dentrix__referral': ('referral', 'refid'),
        'stg_dentrix_ascend__providers': ('providers', 'provider_id'),
    }.items() %}
    select
        _practice as practice,
        '{{ table }}' as table_name,
        _file as file,
        _line as line,
        'held_back' as outcome,
        'no primary key' as reason
    from {{ ref(model) }}
    where {{ key }} is null
    {{ "union all" if not loop.last }}
    {%- endfor %}
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

-- A user's e-mail address is what becomes of the user: that of the provider who works under it.
users_of_providers as (
    select
        providers._practice,
        providers.ascend_user_id,
        bool_or(provider_records.key is not null) as has_contact,
        bool_and(provider_records._held_back) as _held_back
    from providers
    left join provider_records on providers.contact_key = provider_records.key
    where providers.ascend_user_id is not null
    group by providers._practice, providers.ascend_user_id
),

user_rows as (
    select
        staged._practice as practice,
        'users' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when users_of_providers._held_back then 'held_back'
            when users_of_providers.has_contact and staged.email is not null then 'record'
            else 'skipped'
        end as outcome,
        case
            when users_of_providers.has_contact and staged.email is not null then null
            when users_of_providers.has_contact then 'no e-mail address'
            else 'serves the user match and the owner report only'
        end as reason
    from ascend_users as staged
    left join users_of_providers
        on
            staged._practice = users_of_providers._practice
            and staged.user_id = users_of_providers.ascend_user_id
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
        spellings.table_name,
        spellings._file as file,
        spellings._line as line,
        case
            when spellings.carrier_key is null then 'held_back'
            when carrier_records._held_back then 'held_back'
            when carriers.carrier_key is not null then 'record'
            else 'merged'
        end as outcome,
        case
            when spellings.carrier_key is null then 'no carrier''s name'
            when carriers.carrier_key is null then 'another row of the same carrier'
        end as reason
    from carrier_spellings as spellings
    left join carriers
        on
            spellings.carrier_key = carriers.carrier_key
            and spellings._practice = carriers.first_practice
            and spellings.carrier_id = carriers.first_carrier_id
    left join carrier_records on spellings.carrier_key = carrier_records.key
    -- Of Dental-Exec a carrier is a cell of a patient's row, which is counted as the patient's.
    where spellings.table_name != 'patients'
),

used_plans as (
    select
        insurance._practice,
        insurance.plan_id,
        bool_and(insurance_records._held_back) as _held_back
    from insurance
    inner join insurance_records
        on
            {{ migration_key('insurance._practice', 'insurance', 'insurance.insurance_id') }}
            = insurance_records.key
    group by insurance._practice, insurance.plan_id
),

carrier_plan_rows as (
    select
        staged._practice as practice,
        'carrierinsuranceplans' as table_name,
        staged._file as file,
        staged._line as line,
        case
            when used_plans._held_back then 'held_back'
            when used_plans.plan_id is not null then 'record'
            else 'skipped'
        end as outcome,
        case when used_plans.plan_id is null then 'no patient''s insurance is under it' end as reason
    from carrier_plans as staged
    left join used_plans
        on staged._practice = used_plans._practice and staged.plan_id = used_plans.plan_id
),

judged_links as (
    select
        links.*,
        insurance_records._held_back
    from insurance_links as links
    left join insurance_records
        on
            links.outcome = 'record'
            and {{ migration_key('links._practice', 'insurance', 'links.survivor_patid') }}
            || case links.priority when 'Primary' then '-P' else '-S' end
            = insurance_records.key
),

used_insured as (
    select
        _practice,
        insured_id,
        bool_or(outcome = 'record') as makes_record,
        bool_or(outcome = 'duplicate_key') as gives_way,
        bool_and(_held_back) filter (where outcome = 'record') as _held_back
    from judged_links
    group by _practice, insured_id
),

insured_rows as (
    select
        staged._practice as practice,
        staged.table_name,
        staged._file as file,
        staged._line as line,
        case
            when used_insured._held_back then 'held_back'
            when used_insured.makes_record then 'record'
            when used_insured.gives_way then 'merged'
            when used_insured.insured_id is not null then 'held_back'
            else 'skipped'
        end as outcome,
        case
            when used_insured.insured_id is null then 'no patient points here'
            when used_insured.makes_record then null
            when used_insured.gives_way then 'the patient has another insurance of that priority'
            else 'the patient''s plan that points here is held back'
        end as reason
    from insured as staged
    left join used_insured
        on
            staged._practice = used_insured._practice
            and staged.insured_id = used_insured.insured_id
),

-- In Ascend a patient's link to an insurance is a row, which may say more than one priority.
patient_plan_rows as (
    select
        _practice as practice,
        'patientinsuranceplans' as table_name,
        _file as file,
        _line as line,
        case
            when bool_and(_held_back) filter (where outcome = 'record') then 'held_back'
            when bool_or(outcome = 'record') then 'record'
            when bool_or(outcome = 'duplicate_key') then 'merged'
            else 'held_back'
        end as outcome,
        case
            when bool_or(outcome = 'record') then null
            when bool_or(outcome = 'duplicate_key')
                then 'the patient has another insurance of that priority'
            else min(outcome)
        end as reason
    from judged_links
    where is_own_row
    group by _practice, _file, _line
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
    'specialty_rows', 'carrier_rows', 'insured_rows', 'balance_rows', 'user_rows',
    'carrier_plan_rows', 'patient_plan_rows',
] %}

final as (
    {%- for rows in tables %}
    select practice, table_name, file, line, outcome, reason
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
