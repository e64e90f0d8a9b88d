with source as (
    select
        patient_id,
        account_no,
        responsible_party_id,
        last_name,
        first_name,
        mi,
        nickname,
        sex,
        birth_date,
        marital,
        address_1,
        address_2,
        city,
        state,
        zip,
        home_phone,
        work_phone,
        cell_phone,
        email,
        status,
        first_visit,
        last_visit,
        primary_provider,
        hygienist,
        referral_source,
        carrier_name,
        group_no,
        subscriber_id,
        carrier_name_2,
        group_no_2,
        subscriber_id_2,
        drug_interaction_flag,
        premed_flag,
        outstanding_balance,
        assigned_to,
        entered_date,
        _practice,
        _file,
        _line,
        _landed_at
    from {{ source('raw_dental_exec', 'patients') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

marital_words as (
    select * from {{ ref('dental_exec__marital') }}
),

-- What is asked more than one thing of is read once. Born after the export landed is born in the
-- future; a day's grace, because the day is UTC's.
read as (
    select
        *,
        coalesce(try_cast(left(_landed_at, 10) as date), current_date) + 1 as latest_birth_date,
        {{ read_timestamp('birth_date', birth=true, today='latest_birth_date') }} as birth_read,
        {{ read_timestamp('first_visit') }} as first_visit_read,
        {{ read_timestamp('last_visit') }} as last_visit_read,
        {{ read_timestamp('entered_date') }} as entered_read,
        {{ parse_money('outstanding_balance') }} as balance,
        {{ parse_flag('drug_interaction_flag') }} as has_drug_interaction,
        {{ parse_flag('premed_flag') }} as needs_premedication,
        {{ valid_email('email') }} as email_address,
        case upper({{ clean_text('status') }})
            when 'A' then 'Active'
            when 'I' then 'Inactive'
            when 'D' then 'Deceased'
            when 'P' then 'Prospect'
        end as patient_status
    from source
),

judged as (
    select
        read.*,
        {{ parse_date('birth_date', birth=true, today='latest_birth_date', read='birth_read') }}
            as born_on,
        {{ parse_date('first_visit', read='first_visit_read') }} as first_visit_date,
        {{ parse_date('last_visit', read='last_visit_read') }} as last_visit_date,
        {{ parse_timestamp('entered_date', time_zone='practices.time_zone', read='entered_read') }}
            as entered_at,
        marital_words.marital_status
    from read
    left join practices on read._practice = practices.practice
    left join marital_words on lower({{ clean_text('read.marital') }}) = marital_words.word
),

final as (
    select
        _practice,
        _file,
        _line,

        -- who
        {{ id_or_null('patient_id') }} as patient_id,
        {{ id_or_null('account_no') }} as account_no,
        {{ id_or_null('responsible_party_id') }} as responsible_party_id,
        {{ proper_name('last_name') }} as last_name,
        {{ proper_name('first_name') }} as first_name,
        {{ proper_name('mi') }} as middle_initial,
        {{ proper_name('nickname') }} as preferred_name,
        case upper({{ clean_text('sex') }})
            when 'M' then 'Male'
            when 'F' then 'Female'
            else 'Unknown'
        end as gender,
        marital_status,
        patient_status,
        {{ id_or_null('primary_provider') }} as provider_id,
        {{ id_or_null('hygienist') }} as hygienist_id,
        {{ clean_text('assigned_to') }} as assigned_to,
        {{ clean_text('referral_source') }} as referral_source,

        -- when
        born_on as birth_date,
        first_visit_date,
        last_visit_date,
        entered_at,

        -- where
        {{ street_lines('address_1', 'address_2') }} as street,
        {{ clean_text('city') }} as city,
        {{ state_code('state') }} as state,
        {{ clean_text('zip') }} as postal_code,
        {{ format_phone('home_phone') }} as home_phone,
        {{ format_phone('work_phone') }} as work_phone,
        {{ format_phone('cell_phone') }} as mobile_phone,
        email_address as email,

        -- insurance: the primary, then the secondary
        {{ clean_text('carrier_name') }} as carrier_name,
        {{ clean_text('group_no') }} as group_number,
        {{ clean_text('subscriber_id') }} as subscriber_id,
        {{ clean_text('carrier_name_2') }} as secondary_carrier_name,
        {{ clean_text('group_no_2') }} as secondary_group_number,
        {{ clean_text('subscriber_id_2') }} as secondary_subscriber_id,

        coalesce(has_drug_interaction, false) as has_drug_interaction,
        coalesce(needs_premedication, false) as needs_premedication,
        balance as outstanding_balance,

        {{ problems(
            date_problems('birth_date', 'born_on', 'birth_read', 'Date_of_Birth__c')
            + date_problems('first_visit', 'first_visit_date', 'first_visit_read', 'First_Visit_Date__c')
            + date_problems('last_visit', 'last_visit_date', 'last_visit_read', 'Last_Visit_Date__c')
            + date_problems(
                'entered_date', 'entered_at', 'entered_read', 'Original_Patient_Create_Date__c'
            )
            + number_problems('outstanding_balance', 'balance', 'Outstanding_Balance__c')
            + [
                (
                    clean_text('status') ~ ' is not null and patient_status is null',
                    problem('not_in_picklist', 'Patient_Status__c', 'status'),
                ),
                (
                    clean_text('marital') ~ ' is not null and marital_status is null',
                    problem('not_in_picklist', 'Marital_Status__c', 'marital'),
                ),
                (
                    clean_text('drug_interaction_flag') ~ ' is not null and has_drug_interaction is null',
                    problem('not_in_picklist', 'Drug_Interaction_Flag__c', 'drug_interaction_flag'),
                ),
                (
                    clean_text('premed_flag') ~ ' is not null and needs_premedication is null',
                    problem('not_in_picklist', 'Premed_Flag__c', 'premed_flag'),
                ),
                email_problem('email', 'email_address', 'Email__c'),
            ]
        ) }} as _found
    from judged
)

select * from final
