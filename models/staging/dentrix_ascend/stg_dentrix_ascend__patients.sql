with source as (
    select
        id,
        title,
        firstname,
        middleinitial,
        lastname,
        preferredname,
        gender,
        dateofbirth,
        patientstatus,
        emailaddress,
        chartnumber,
        address1,
        address2,
        city,
        state,
        postalcode,
        phones,
        primaryprovider,
        duplicateofpatient,
        firstvisitdate,
        primaryguarantor,
        _practice,
        _file,
        _line,
        _landed_at
    from {{ source('raw_ascend', 'patients') }}
),

practices as (
    select practice, time_zone
    from {{ ref('stg_migration__practices') }}
),

salutations as (
    select title, salutation
    from {{ ref('shared__salutation') }}
),

statuses as (
    select word, status
    from {{ ref('dentrix_ascend__patient_status') }}
),

-- What is asked more than one thing of is read once. Born after the export landed is born in the
-- future; a day's grace, because the day is UTC's.
read as (
    select
        source.*,
        practices.time_zone,
        coalesce(try_cast(left(source._landed_at, 10) as date), current_date) + 1
            as latest_birth_date,
        {{ read_timestamp('source.dateofbirth', birth=true, today='latest_birth_date') }} as birth_read,
        {{ read_timestamp('source.firstvisitdate') }} as first_visit_read,
        upper({{ clean_text('source.patientstatus') }}) as status_word,
        {{ ascend_id('source.duplicateofpatient') }} as duplicate_of_patid,
        {{ valid_email('source.emailaddress') }} as email,
        {{ ascend_phones('source.phones') }} as known_phones
    from source
    left join practices on source._practice = practices.practice
),

judged as (
    select
        read.*,
        {{ ascend_date(
            'dateofbirth', 'time_zone', birth=true, today='latest_birth_date', read='birth_read'
        ) }} as birth_date,
        {{ ascend_date('firstvisitdate', 'time_zone', read='first_visit_read') }} as first_visit_date,
        salutations.salutation as known_salutation,
        statuses.status as patient_status,
        -- Whatever is not the first home, work, mobile or fax number.
        list_filter(
            known_phones,
            lambda phone, place: phone.kind is null or phone.kind = 'other'
            or list_position(list_transform(known_phones, lambda x: x.kind), phone.kind) < place
        ) as spare_phones
    from read
    left join salutations on lower(replace({{ clean_text('read.title') }}, '.', '')) = salutations.title
    left join statuses on read.status_word = statuses.word
),

final as (
    select
        _practice,
        _file,
        _line,

        -- who
        {{ id_or_null('id') }} as patid,
        {{ ascend_id('primaryguarantor') }} as guarid,
        nullif(duplicate_of_patid, {{ id_or_null('id') }}) as duplicate_of_patid,
        {{ proper_name('lastname') }} as last_name,
        {{ proper_name('firstname') }} as first_name,
        {{ proper_name('middleinitial') }} as middle_initial,
        {{ proper_name('preferredname') }} as preferred_name,
        known_salutation as salutation,
        upper({{ id_or_null('chartnumber') }}) as chart_number,
        {{ clean_text('chartnumber') }} as chart_number_written,
        {{ ascend_id('primaryprovider') }} as provider_id,
        case upper({{ clean_text('gender') }})
            when 'M' then 'Male'
            when 'F' then 'Female'
            else 'Unknown'
        end as gender,
        patient_status,

        -- when
        birth_date,
        first_visit_date,

        -- where
        {{ street_lines('address1', 'address2') }} as street,
        {{ clean_text('city') }} as city,
        {{ state_code('state') }} as state,
        {{ clean_text('postalcode') }} as postal_code,
        {%- for kind in ('home', 'work', 'mobile') %}
        list_filter(known_phones, lambda x: x.kind = '{{ kind }}')[1].number as {{ kind }}_phone,
        {%- endfor %}
        list_filter(known_phones, lambda x: x.kind = 'fax')[1].number as fax,
        spare_phones[1].number as other_phone,
        email,

        {{ problems(
            date_problems('dateofbirth', 'birth_date', 'birth_read', 'Birthdate')
            + date_problems(
                'firstvisitdate', 'first_visit_date', 'first_visit_read', 'First_Visit_Date__c'
            )
            + [
                (
                    "status_word is not null and patient_status is null"
                    ~ " and (status_word != 'DUPLICATE' or duplicate_of_patid is null)",
                    problem('not_in_picklist', 'Patient_Status__c', 'patientstatus'),
                ),
                (
                    clean_text('phones') ~ ' is not null and known_phones is null',
                    problem('unreadable_number', 'HomePhone', 'phones'),
                ),
                (
                    'len(list_filter(known_phones, lambda x: x.kind is null)) > 0',
                    problem(
                        'not_in_picklist', 'OtherPhone',
                        'list_filter(known_phones, lambda x: x.kind is null)[1].word',
                    ),
                ),
                (
                    'len(spare_phones) > 1',
                    problem(
                        'too_long', 'OtherPhone', 'spare_phones[2].number',
                        action='A contact has room for one other phone: keep the right one in the source.',
                    ),
                ),
                email_problem('emailaddress', 'email'),
            ]
        ) }} as _found
    from judged
)

select * from final
