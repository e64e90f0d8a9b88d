with source as (
    select
        patid,
        guarid,
        isguar,
        lastname,
        firstname,
        mi,
        prefname,
        title,
        chartnum,
        provid1,
        provid2,
        gender,
        status,
        fampos,
        birthdate,
        firstvisitdate,
        lastvisitdate,
        addrid,
        billaddrid,
        workphone,
        workext,
        pager,
        otherphone,
        fax,
        emailaddr,
        privacyflags,
        missedappt,
        medalertmask1,
        medalertmask2,
        priminsuredid,
        secinsuredid,
        priminsrel,
        secinsrel,
        createdate,
        note,
        _practice,
        _file,
        _line,
        _landed_at
    from {{ source('raw_dentrix', 'patient') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

salutations as (
    select title, salutation
    from {{ ref('shared__salutation') }}
),

-- What is asked more than one thing of is read once. Born after the export landed is born in the
-- future; a day's grace, because the day is UTC's.
read as (
    select
        *,
        coalesce(try_cast(left(_landed_at, 10) as date), current_date) + 1 as latest_birth_date,
        {{ read_timestamp('birthdate', birth=true, today='latest_birth_date') }} as birth_read,
        {{ read_timestamp('firstvisitdate') }} as first_visit_read,
        {{ read_timestamp('lastvisitdate') }} as last_visit_read,
        {{ read_timestamp('createdate') }} as created_read,
        {{ dentrix_patient_status('status') }} as patient_status,
        {{ parse_integer('privacyflags') }} as privacy,
        {{ parse_integer('missedappt') }} as missed,
        {{ parse_integer('medalertmask1') }} as mask_1,
        {{ parse_integer('medalertmask2') }} as mask_2,
        {{ valid_email('emailaddr') }} as email
    from source
),

judged as (
    select
        read.*,
        {{ parse_date('birthdate', birth=true, today='latest_birth_date', read='birth_read') }}
            as birth_date,
        {{ parse_date('firstvisitdate', read='first_visit_read') }} as first_visit_date,
        {{ parse_date('lastvisitdate', read='last_visit_read') }} as last_visit_date,
        {{ parse_timestamp('createdate', time_zone='practices.time_zone', read='created_read') }}
            as created_at,
        salutations.salutation as known_salutation
    from read
    left join practices on read._practice = practices.practice
    left join salutations on lower(replace({{ clean_text('read.title') }}, '.', '')) = salutations.title
),

final as (
    select
        _practice,
        _file,
        _line,

        -- who
        {{ id_or_null('patid') }} as patid,
        {{ id_or_null('guarid') }} as guarid,
        {{ parse_flag('isguar') }} as is_guarantor,
        {{ proper_name('lastname') }} as last_name,
        {{ proper_name('firstname') }} as first_name,
        {{ proper_name('mi') }} as middle_initial,
        {{ proper_name('prefname') }} as preferred_name,
        known_salutation as salutation,
        upper({{ id_or_null('chartnum') }}) as chart_number,
        {{ clean_text('chartnum') }} as chart_number_written,
        {{ id_or_null('provid1') }} as provider_id,
        {{ id_or_null('provid2') }} as hygienist_id,
        case {{ clean_text('gender') }}
            when '1' then 'Male'
            when '2' then 'Female'
            else 'Unknown'
        end as gender,
        patient_status,
        {{ dentrix_marital_status('fampos') }} as marital_status,

        -- when
        birth_date,
        first_visit_date,
        last_visit_date,
        created_at,

        -- where
        {{ id_or_null('addrid') }} as address_id,
        {{ id_or_null('billaddrid') }} as billing_address_id,
        {{ format_phone('workphone', ext='workext') }} as work_phone,
        {{ format_phone('pager') }} as mobile_phone,
        {{ format_phone('otherphone') }} as other_phone,
        {{ format_phone('fax') }} as fax,
        email,

        -- bit 1: no calls; bit 2: no correspondence
        case when {{ clean_text('privacyflags') }} is null then false else privacy & 1 = 1 end
            as do_not_call,
        case when {{ clean_text('privacyflags') }} is null then false else privacy & 2 = 2 end
            as opted_out_of_email,

        case when missed >= 0 then missed end as missed_appointments,
        -- bit n of the first is alert n, of the second alert 31 + n
        case when mask_1 > 0 then mask_1 end as medical_alert_mask_1,
        case when mask_2 > 0 then mask_2 end as medical_alert_mask_2,
        {{ id_or_null('priminsuredid') }} as primary_insured_id,
        {{ id_or_null('secinsuredid') }} as secondary_insured_id,
        {{ dentrix_relationship('priminsrel') }} as primary_relationship,
        {{ dentrix_relationship('secinsrel') }} as secondary_relationship,
        {{ clean_text('note') }} as note,

        {{ problems(
            date_problems('birthdate', 'birth_date', 'birth_read', 'Birthdate')
            + date_problems(
                'firstvisitdate', 'first_visit_date', 'first_visit_read', 'First_Visit_Date__c'
            )
            + date_problems(
                'lastvisitdate', 'last_visit_date', 'last_visit_read', 'Last_Visit_Date__c'
            )
            + date_problems(
                'createdate', 'created_at', 'created_read', 'Original_Patient_Create_Date__c'
            )
            + number_problems('privacyflags', 'privacy', 'DoNotCall', whole=true)
            + number_problems('missedappt', 'missed', 'Missed_Appointments__c', whole=true)
            + number_problems('medalertmask1', 'mask_1', 'Clinical_Alert__c', whole=true)
            + number_problems('medalertmask2', 'mask_2', 'Clinical_Alert__c', whole=true)
            + [
                ('missed < 0', problem('out_of_range', 'Missed_Appointments__c', 'missedappt')),
                ('mask_1 < 0', problem('out_of_range', 'Clinical_Alert__c', 'medalertmask1')),
                ('mask_2 < 0', problem('out_of_range', 'Clinical_Alert__c', 'medalertmask2')),
                (
                    clean_text('status') ~ ' is not null and patient_status is null',
                    problem('not_in_picklist', 'Patient_Status__c', 'status'),
                ),
                (
                    id_or_null('fampos') ~ ' is not null and '
                    ~ dentrix_marital_status('fampos') ~ ' is null',
                    problem('not_in_picklist', 'Marital_Status__c', 'fampos'),
                ),
                email_problem('emailaddr', 'email'),
            ]
        ) }} as _found
    from judged
)

select * from final
