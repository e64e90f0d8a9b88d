with everyone as (
    select * from {{ ref('int_dentrix__provider_rows') }}
),

specialties as (
    select * from {{ ref('int_dentrix__specialty_rows') }}
),

specialty_words as (
    select * from {{ ref('shared__specialty') }}
),

junk as (
    select * from {{ ref('shared__junk_providers') }}
),

users as (
    select * from {{ ref('stg_salesforce__users') }}
    where is_active and email is not null
),

-- A description may hold several words that the map knows: the longest decides.
mapped_specialties as (
    select
        specialties._practice,
        specialties.specialty_id,
        specialties.description,
        specialties._file,
        specialties._line,
        max_by(words.specialty, (length(words.word), words.word)) as specialty
    from specialties
    left join specialty_words as words
        on contains(
            ' ' || lower(translate(specialties.description, '/-,.;()', '       ')),
            ' ' || words.word
        )
    group by all
),

stand_ins as (
    select
        everyone._practice,
        everyone.kind,
        everyone.source_id,
        min(junk.note) as note
    from everyone
    inner join junk
        on
            everyone.kind = 'provider'
            and {{ fully_matches(
                "lower(case junk.field when 'provider_id' then everyone.source_id"
                ~ " else concat_ws(' ', everyone.first_name, everyone.last_name) end)",
                'junk.pattern',
            ) }}
    group by everyone._practice, everyone.kind, everyone.source_id
),

-- Two users with one address are no match: nobody knows which.
users_by_email as (
    select
        email,
        min(id) as user_id,
        count(*) as users
    from users
    group by email
),

matched as (
    select
        everyone.* exclude (_found),
        case
            when stand_ins.source_id is not null then 'a stand-in, not a person'
            when everyone.is_non_person then 'not a person'
            when not everyone.is_dentist then 'a referral that is no dentist'
        end as skipped_because,
        coalesce(
            mapped_specialties.specialty,
            case when everyone.is_hygienist then 'Hygienist' end
        ) as specialty,
        case
            when everyone.kind = 'provider' and users_by_email.users = 1
                then users_by_email.user_id
        end as matched_user_id,
        list_concat(
            everyone._found,
            {{ problems([
                (
                    'everyone.specialty_id is not null and mapped_specialties.specialty_id is null',
                    problem('orphan', 'Specialty__c', 'everyone.specialty_id'),
                ),
                (
                    'mapped_specialties.description is not null and mapped_specialties.specialty is null',
                    problem(
                        'not_in_picklist', 'Specialty__c', 'mapped_specialties.description',
                        file='mapped_specialties._file', line='mapped_specialties._line',
                    ),
                ),
                (
                    'everyone.crm_login and users_by_email.users is null',
                    problem('unmatched_user', value='everyone.email'),
                ),
                (
                    "everyone.kind = 'provider' and users_by_email.users > 1",
                    problem('ambiguous_match', value='everyone.email'),
                ),
            ]) }}
        ) as _found
    from everyone
    left join mapped_specialties
        on
            everyone._practice = mapped_specialties._practice
            and everyone.specialty_id = mapped_specialties.specialty_id
    left join stand_ins
        on
            everyone._practice = stand_ins._practice
            and everyone.kind = stand_ins.kind
            and everyone.source_id = stand_ins.source_id
    left join users_by_email on everyone.email = users_by_email.email
),

-- Who works in Salesforce as a user needs no contact; whoever left does, to be named in records.
final as (
    select
        _practice,
        _file,
        _line,
        table_name,
        kind,
        source_id,
        _practice || ':' || kind || ':' || source_id as contact_key,
        skipped_because,
        first_name,
        last_name,
        suffix,
        specialty_id,
        specialty,
        npi,
        email,
        crm_login,
        ascend_user_id,
        is_inactive,
        matched_user_id as user_id,
        skipped_because is null
        and not (matched_user_id is not null and crm_login and not is_inactive) as needs_contact,
        _found
    from matched
)

select * from final
