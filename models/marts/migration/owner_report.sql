with providers as (
    select * from {{ ref('int_dentrix__providers') }}
    where kind = 'provider' and skipped_because is null and user_id is null
),

staff as (
    select * from {{ ref('stg_dentrix__staff') }}
),

-- Ascend's staff are its users; those whom providers work under are reported as providers.
ascend_staff as (
    select staff.*
    from {{ ref('stg_dentrix_ascend__users') }} as staff
    left join {{ ref('int_dentrix__providers') }} as working_under
        on
            staff._practice = working_under._practice
            and staff.user_id = working_under.ascend_user_id
            and working_under.skipped_because is null
    where working_under.source_id is null
),

users as (
    select * from {{ ref('stg_salesforce__users') }}
    where email is not null
),

users_by_email as (
    select
        email,
        count(*) filter (where is_active) as active_users
    from users
    group by email
),

owner_words as (
    select * from {{ ref('int_dental_exec__owner_words') }}
),

named_staff as (
    select
        _practice,
        person_kind,
        person_id
    from owner_words
    where person_kind is not null
    group by _practice, person_kind, person_id
),

people as (
    select
        _practice, _file, _line,
        'provider' as person_kind,
        source_id as person_id,
        first_name, last_name, email, crm_login, is_inactive
    from providers
    union all
    select
        _practice, _file, _line,
        'staff' as person_kind,
        staff_id as person_id,
        first_name, last_name, email,
        coalesce(crm_login, false) as crm_login,
        coalesce(is_inactive, false) as is_inactive
    from staff
    union all
    select
        _practice, _file, _line,
        'user' as person_kind,
        user_id as person_id,
        first_name, last_name, email,
        false as crm_login,
        coalesce(is_inactive, false) as is_inactive
    from ascend_staff
),

-- In Dental-Exec whoever is named as an owner needs a user, and everybody is looked for.
dental_exec_people as (
    select
        staff._practice as practice,
        staff.person_kind,
        staff.person_id,
        staff.first_name,
        staff.last_name,
        staff.email,
        named_staff.person_id is not null as needs_user,
        not staff.is_active as is_inactive,
        staff.unmatched_because as reason,
        staff._file as file,
        staff._line as line
    from {{ ref('int_dental_exec__staff') }} as staff
    left join named_staff
        on
            staff._practice = named_staff._practice
            and staff.person_kind = named_staff.person_kind
            and staff.person_id = named_staff.person_id
    where staff.matched_user_id is null
    union all
    select
        _practice as practice,
        'unknown' as person_kind,
        written as person_id,
        null::varchar as first_name,
        null::varchar as last_name,
        null::varchar as email,
        true as needs_user,
        null::boolean as is_inactive,
        'nobody in USERS or PROVIDERS, and no user''s e-mail address' as reason,
        _file as file,
        _line as line
    from owner_words
    where person_kind is null and matched_user_id is null
),

dentrix_people as (
    select
        people._practice as practice,
        people.person_kind,
        people.person_id,
        people.first_name,
        people.last_name,
        people.email,
        people.crm_login as needs_user,
        people.is_inactive,
        case
            when people.email is null then 'no e-mail address'
            when users_by_email.email is null then 'no user has this e-mail address'
            when users_by_email.active_users = 0 then 'the user is inactive'
            else 'several active users have this e-mail address'
        end as reason,
        people._file as file,
        people._line as line
    from people
    left join users_by_email on people.email = users_by_email.email
    where
        (people.email is not null or people.crm_login)
        and coalesce(users_by_email.active_users, 0) != 1
),

final as (
    select * from dentrix_people
    union all
    select * from dental_exec_people
)

select * from final
