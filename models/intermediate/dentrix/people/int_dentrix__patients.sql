{%- set filled = [
    'last_name', 'first_name', 'middle_initial', 'preferred_name', 'salutation',
    'chart_number_written', 'patient_status', 'marital_status', 'birth_date',
    'first_visit_date', 'last_visit_date', 'created_at', 'work_phone', 'mobile_phone',
    'other_phone', 'fax', 'email', 'missed_appointments', 'note',
] -%}
{#- Of Salesforce's phone fields. -#}
{%- set longest_phone = 40 -%}
{#- An address is taken whole from one row: street and city of two people would be no address. -#}
{%- set address = ['street', 'city', 'state', 'postal_code', 'country'] -%}
{#- Tables are named where they are read: a CTE read twice would hold all patients in memory. -#}
with family_members as (
    select * from {{ ref('int_dentrix__family_members') }}
),

possible_duplicates as (
    select * from {{ ref('int_shared__possible_duplicates') }}
),

addresses as (
    select * from {{ ref('int_dentrix__address_rows') }}
),

primary_insurance as (
    select * from {{ ref('int_dentrix__insurance') }}
    where priority = 'Primary'
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

-- A blank country is the practice's, where there is an address at all.
usable_addresses as (
    select
        addresses._practice,
        addresses.address_id,
        addresses.home_phone,
        not addresses.is_blank as is_usable,
        addresses.street,
        addresses.city,
        addresses.state,
        addresses.postal_code,
        case
            when not addresses.is_blank then coalesce(addresses.country, practices.country)
        end as country
    from addresses
    left join practices on addresses._practice = practices.practice
),

survivor_rows as (
    select patients.*
    from {{ ref('int_dentrix__patient_rows') }} as patients
    inner join {{ ref('int_shared__patient_groups') }} as groups
        on
            patients._practice = groups._practice
            and patients.patid = groups.patid
            and groups.is_survivor
),

group_rows as (
    select
        patients.*,
        groups.survivor_patid,
        groups.is_survivor,
        groups.rank_in_group
    from {{ ref('int_dentrix__patient_rows') }} as patients
    inner join {{ ref('int_shared__patient_groups') }} as groups
        on
            patients._practice = groups._practice
            and patients.patid = groups.patid
            and groups.members > 1
),

{% for rows, joined in [('survivor_rows', 'survivors'), ('group_rows', 'gathered')] -%}
{{ joined }} as (
    select
        {{ rows }}.* exclude (_found, address_id, billing_address_id),
        mailing.home_phone,
        case when mailing.home_phone is not null then mailing.address_id end
            as home_phone_address_id,
        {%- for role in ('mailing', 'billing') %}
        case when {{ role }}.is_usable then {{ role }}.address_id end as {{ role }}_address_id,
        {%- for part in address %}
        case when {{ role }}.is_usable then {{ role }}.{{ part }} end as {{ role }}_{{ part }},
        {%- endfor %}
        {%- endfor %}
        list_concat(
            {{ rows }}._found,
            {{ problems([
                (
                    rows ~ '.address_id is not null and mailing.address_id is null',
                    problem('orphan', 'MailingStreet', rows ~ '.address_id'),
                ),
                (
                    rows ~ '.billing_address_id is not null and billing.address_id is null',
                    problem('orphan', 'OtherStreet', rows ~ '.billing_address_id'),
                ),
            ]) }}
        ) as _found
    from {{ rows }}
    left join usable_addresses as mailing
        on {{ rows }}._practice = mailing._practice and {{ rows }}.address_id = mailing.address_id
    left join usable_addresses as billing
        on
            {{ rows }}._practice = billing._practice
            and {{ rows }}.billing_address_id = billing.address_id
),

{% endfor -%}
-- What the rows of one person say together: for each blank, the first who knows.
merged as (
    select
        _practice,
        survivor_patid,
        {%- for column in filled + ['home_phone', 'home_phone_address_id'] %}
        min_by({{ column }}, rank_in_group) filter (where {{ column }} is not null) as {{ column }},
        {%- endfor %}
        min_by(gender, rank_in_group) filter (where gender != 'Unknown') as gender,
        -- One who asked not to be called on either row has asked.
        bool_or(do_not_call) as do_not_call,
        bool_or(opted_out_of_email) as opted_out_of_email,
        {%- for role in ('mailing', 'billing') %}
        min_by(
            struct_pack(
                {%- for part in ['address_id'] + address %}
                {{ part }} := {{ role }}_{{ part }}{{ "," if not loop.last }}
                {%- endfor %}
            ),
            rank_in_group
        ) filter (where {{ role }}_address_id is not null) as {{ role }},
        {%- endfor %}
        list(patid order by rank_in_group) filter (where not is_survivor) as merged_from,
        flatten(
            list({{ problems_at('_found', '_file', '_line') }} order by rank_in_group)
            filter (where not is_survivor)
        ) as _found
    from gathered
    group by _practice, survivor_patid
),

-- Whom Ascend calls the duplicate of somebody who is not there.
lost_duplicates as (
    select
        people._practice,
        groups.survivor_patid as patid,
        people.duplicate_of_patid,
        people._file,
        people._line
    from {{ ref('int_dentrix__patient_identities') }} as people
    inner join {{ ref('int_shared__patient_groups') }} as groups
        on people._practice = groups._practice and people.patid = groups.patid
    left join {{ ref('int_shared__patient_groups') }} as others
        on people._practice = others._practice and people.duplicate_of_patid = others.patid
    where people.duplicate_of_patid is not null and others.patid is null
),

doubted as (
    select
        _practice,
        patid,
        other_patid as about,
        {{ problem(
            'possible_duplicate',
            value=migration_key('_practice', 'patient', 'other_patid'),
            file='_file',
            line='_line',
        ) }} as problem
    from possible_duplicates
    union all
    select
        _practice,
        patid,
        duplicate_of_patid as about,
        {{ problem('orphan', value='duplicate_of_patid', file='_file', line='_line') }} as problem
    from lost_duplicates
),

doubts as (
    select
        _practice,
        patid,
        list(problem order by about) as _found
    from doubted
    group by _practice, patid
),

united as (
    select
        survivors._practice,
        survivors._file,
        survivors._line,
        survivors.patid,
        coalesce(nullif(survivors.gender, 'Unknown'), merged.gender, 'Unknown') as gender,
        coalesce(merged.do_not_call, survivors.do_not_call) as do_not_call,
        coalesce(merged.opted_out_of_email, survivors.opted_out_of_email) as opted_out_of_email,
        {%- for column in filled + ['home_phone', 'home_phone_address_id'] %}
        coalesce(survivors.{{ column }}, merged.{{ column }}) as {{ column }},
        {%- endfor %}
        {%- for role in ('mailing', 'billing') %}
        {%- for part in ['address_id'] + address %}
        case
            when survivors.{{ role }}_address_id is not null then survivors.{{ role }}_{{ part }}
            else merged.{{ role }}.{{ part }}
        end as {{ role }}_{{ part }},
        {%- endfor %}
        {%- endfor %}
        coalesce(merged.merged_from, []::varchar[]) as merged_from,
        list_concat(survivors._found, coalesce(merged._found, {{ no_problems() }})) as _found
    from survivors
    left join merged
        on
            survivors._practice = merged._practice
            and survivors.patid = merged.survivor_patid
),

dated as (
    select
        united.*,
        coalesce({{ utf16_length('united.work_phone') }} > {{ longest_phone }}, false)
            as work_phone_is_too_long,
        {{ to_utc('united.created_at', 'practices.time_zone') }} as created_at_utc,
        {{ to_utc("(united.created_at + interval 1 hour)", 'practices.time_zone') }}
            as an_hour_later_utc
    from united
    left join practices on united._practice = practices.practice
),

final as (
    select
        dated.* exclude (
            created_at_utc, an_hour_later_utc, _found, work_phone, work_phone_is_too_long
        ),
        dated.work_phone,
        case
            when dated.work_phone_is_too_long then dated.home_phone
            else coalesce(dated.work_phone, dated.home_phone)
        end as phone,
        dated.created_at_utc,
        family_members.guarantor_patid,
        family_members.family_patid,
        primary_insurance.subscriber_id,
        list_concat(
            dated._found,
            {{ problems([
                (
                    "dated.birth_date is null and not list_contains("
                    ~ "list_transform(dated._found, lambda x: x.field), 'Birthdate')",
                    problem('missing_required', 'Birthdate'),
                ),
                (
                    'dated.work_phone_is_too_long',
                    problem('too_long', 'Phone', 'dated.work_phone'),
                ),
                (
                    "dated.an_hour_later_utc - dated.created_at_utc != interval 1 hour",
                    problem(
                        'adjusted', 'Original_Patient_Create_Date__c', 'dated.created_at',
                    ),
                ),
            ]) }},
            coalesce(doubts._found, {{ no_problems() }})
        ) as _found
    from dated
    inner join family_members
        on dated._practice = family_members._practice and dated.patid = family_members.patid
    left join primary_insurance
        on
            dated._practice = primary_insurance._practice
            and dated.patid = primary_insurance.patid
    left join doubts
        on dated._practice = doubts._practice and dated.patid = doubts.patid
)

select * from final
