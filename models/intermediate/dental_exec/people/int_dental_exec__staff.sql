with system_users as (
    select * from {{ ref('stg_dental_exec__users') }}
    where user_id is not null
),

providers as (
    select * from {{ ref('stg_dental_exec__providers') }}
    where provider_id is not null
),

users_by_email as (
    select
        email,
        min(id) filter (where is_active) as user_id,
        count(*) filter (where is_active) as active_users
    from {{ ref('stg_salesforce__users') }}
    where email is not null
    group by email
),

people as (
    select
        _practice,
        _file,
        _line,
        'user' as person_kind,
        user_id as person_id,
        first_name,
        last_name,
        email,
        is_active
    from system_users
    union all
    select
        _practice,
        _file,
        _line,
        'provider' as person_kind,
        provider_id as person_id,
        first_name,
        last_name,
        email,
        is_active
    from providers
),

-- Two users with one address are no match: nobody knows which.
final as (
    select
        people.*,
        case when users_by_email.active_users = 1 then users_by_email.user_id end as matched_user_id,
        case
            when people.email is null then 'no e-mail address'
            when users_by_email.email is null then 'no user has this e-mail address'
            when users_by_email.active_users = 0 then 'the user is inactive'
            when users_by_email.active_users > 1
                then 'several active users have this e-mail address'
        end as unmatched_because
    from people
    left join users_by_email on people.email = users_by_email.email
)

select * from final
