{%- set filled = [
    'last_name', 'first_name', 'middle_initial', 'preferred_name', 'marital_status',
    'patient_status', 'account_no', 'birth_date', 'first_visit_date', 'last_visit_date',
    'entered_at', 'home_phone', 'work_phone', 'mobile_phone', 'email', 'provider_id',
    'hygienist_id', 'referral_source', 'assigned_to',
] -%}
{#- Each is taken whole from one row: of two people's, the parts would not belong together. -#}
{%- set blocks = {
    'address': ['street', 'city', 'state', 'postal_code'],
    'primary_insurance': ['carrier_name', 'group_number', 'subscriber_id'],
    'secondary_insurance': [
        'secondary_carrier_name', 'secondary_group_number', 'secondary_subscriber_id'
    ],
} -%}
with patients as (
    select * from {{ ref('stg_dental_exec__patients') }}
    where patient_id is not null
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

possible_duplicates as (
    select * from {{ ref('int_shared__possible_duplicates') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

owners as (
    select * from {{ ref('int_dental_exec__owners') }}
),

fallback_owners as (
    select * from {{ ref('int_dental_exec__fallback_owners') }}
),

carrier_keys as (
    select
        _practice,
        carrier_name,
        any_value(carrier_key) as carrier_key
    from {{ ref('int_shared__carrier_spellings') }}
    where table_name = 'patients'
    group by _practice, carrier_name
),

attribution as (
    select * from {{ ref('int_dental_exec__attribution') }}
),

gathered as (
    select
        patients.*,
        list_contains(
            list_transform(patients._found, lambda x: x.field), 'Outstanding_Balance__c'
        ) as balance_is_unreadable,
        groups.survivor_patid,
        groups.is_survivor,
        groups.rank_in_group
    from patients
    inner join groups
        on patients._practice = groups._practice and patients.patient_id = groups.patid
),

survivors as (
    select * from gathered
    where is_survivor
),

-- What the other rows of a person say: for each blank, the first who knows.
merged as (
    select
        _practice,
        survivor_patid,
        {%- for column in filled %}
        min_by({{ column }}, rank_in_group) filter (where {{ column }} is not null) as {{ column }},
        {%- endfor %}
        min_by(gender, rank_in_group) filter (where gender != 'Unknown') as gender,
        bool_or(has_drug_interaction) as has_drug_interaction,
        bool_or(needs_premedication) as needs_premedication,
        sum(outstanding_balance)::decimal(18, 2) as outstanding_balance,
        bool_or(balance_is_unreadable) as balance_is_unreadable,
        {%- for block, parts in blocks.items() %}
        min_by(
            struct_pack(
                {%- for part in parts %}
                {{ part }} := {{ part }}{{ "," if not loop.last }}
                {%- endfor %}
            ),
            rank_in_group
        ) filter (where coalesce({{ parts | join(', ') }}) is not null) as {{ block }},
        {%- endfor %}
        list(patient_id order by rank_in_group) as merged_from,
        flatten(list({{ problems_at('_found', '_file', '_line') }} order by rank_in_group)) as _found
    from gathered
    where not is_survivor
    group by _practice, survivor_patid
),

doubts as (
    select
        _practice,
        patid as patient_id,
        list(
            {{ problem(
                'possible_duplicate',
                value=migration_key('_practice', 'patient', 'other_patid'),
                file='_file',
                line='_line',
            ) }} order by other_patid
        ) as _found
    from possible_duplicates
    group by _practice, patid
),

united as (
    select
        survivors._practice,
        survivors._file,
        survivors._line,
        survivors.patient_id,
        survivors.responsible_party_id,
        coalesce(nullif(survivors.gender, 'Unknown'), merged.gender, 'Unknown') as gender,
        {%- for column in filled %}
        coalesce(survivors.{{ column }}, merged.{{ column }}) as {{ column }},
        {%- endfor %}
        {%- for block, parts in blocks.items() %}
        {%- for part in parts %}
        case
            when coalesce(survivors.{{ parts | join(', survivors.') }}) is not null
                then survivors.{{ part }}
            else merged.{{ block }}.{{ part }}
        end as {{ part }},
        {%- endfor %}
        {%- endfor %}
        -- What to heed on either row is to be heeded.
        survivors.has_drug_interaction or coalesce(merged.has_drug_interaction, false)
            as has_drug_interaction,
        survivors.needs_premedication or coalesce(merged.needs_premedication, false)
            as needs_premedication,
        -- With an amount that cannot be read the sum of the others would be wrong in silence.
        case
            when survivors.balance_is_unreadable or coalesce(merged.balance_is_unreadable, false)
                then null
            else coalesce(
                survivors.outstanding_balance + merged.outstanding_balance,
                survivors.outstanding_balance,
                merged.outstanding_balance
            )
        end::decimal(18, 2) as outstanding_balance,
        coalesce(merged.merged_from, []::varchar[]) as merged_from,
        list_concat(survivors._found, coalesce(merged._found, {{ no_problems() }})) as _found
    from survivors
    left join merged
        on
            survivors._practice = merged._practice
            and survivors.patient_id = merged.survivor_patid
),

dated as (
    select
        united.*,
        practices.country as practice_country,
        practices.time_zone,
        {{ to_utc('united.entered_at', 'practices.time_zone') }} as created_at_utc
    from united
    left join practices on united._practice = practices.practice
),

-- Of a responsible party who was merged, the survivor answers; who is the patient is nobody else.
final as (
    select
        dated.* exclude (_found, practice_country, time_zone, responsible_party_id),
        case
            when coalesce(dated.street, dated.city, dated.state, dated.postal_code) is not null
                then dated.practice_country
        end as country,
        nullif(
            coalesce(responsible.survivor_patid, dated.responsible_party_id), dated.patient_id
        ) as responsible_party_id,
        primary_carriers.carrier_key,
        secondary_carriers.carrier_key as secondary_carrier_key,
        attribution.provider_contact_key,
        coalesce(owners.owner_user_id, fallback_owners.owner_user_id) as owner_user_id,
        list_concat(
            dated._found,
            {{ problems([
                (
                    "dated.birth_date is null and not list_contains("
                    ~ "list_transform(dated._found, lambda x: x.field), 'Date_of_Birth__c')",
                    problem('missing_required', 'Date_of_Birth__c'),
                ),
                clock_problem(
                    'dated.entered_at', 'dated.created_at_utc', 'dated.time_zone',
                    'Original_Patient_Create_Date__c',
                ),
                (
                    'dated.provider_id is not null and attribution.provider_id is null',
                    problem('orphan', 'Primary_Provider__r.Migration_Key__c', 'dated.provider_id'),
                ),
                (
                    'dated.carrier_name is not null and primary_carriers.carrier_key is null',
                    problem(
                        'orphan', 'Insurance_Carrier__r.Migration_Key__c', 'dated.carrier_name'
                    ),
                ),
                (
                    'dated.secondary_carrier_name is not null'
                    ~ ' and secondary_carriers.carrier_key is null',
                    problem(
                        'orphan', 'Secondary_Insurance_Carrier__r.Migration_Key__c',
                        'dated.secondary_carrier_name',
                    ),
                ),
            ]) }},
            coalesce(doubts._found, {{ no_problems() }})
        ) as _found
    from dated
    left join groups as responsible
        on
            dated._practice = responsible._practice
            and dated.responsible_party_id = responsible.patid
    left join carrier_keys as primary_carriers
        on
            dated._practice = primary_carriers._practice
            and dated.carrier_name = primary_carriers.carrier_name
    left join carrier_keys as secondary_carriers
        on
            dated._practice = secondary_carriers._practice
            and dated.secondary_carrier_name = secondary_carriers.carrier_name
    left join attribution
        on
            dated._practice = attribution._practice
            and dated.provider_id = attribution.provider_id
    left join owners
        on dated._practice = owners._practice and dated.assigned_to = owners.written
    left join fallback_owners on dated._practice = fallback_owners._practice
    left join doubts
        on dated._practice = doubts._practice and dated.patient_id = doubts.patient_id
)

select * from final
