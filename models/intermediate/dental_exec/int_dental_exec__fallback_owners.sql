with practices as (
    select * from {{ ref('stg_migration__practices') }}
    where system = 'dental_exec'
),

active_users as (
    select
        email,
        min(id) as user_id,
        count(*) as users
    from {{ ref('stg_salesforce__users') }}
    where is_active and email is not null
    group by email
),

-- Two users with one address are no match: nobody knows which.
final as (
    select
        practices.practice as _practice,
        practices.fallback_owner,
        coalesce(active_users.users, 0) as active_users,
        case when active_users.users = 1 then active_users.user_id end as owner_user_id
    from practices
    left join active_users on practices.fallback_owner = active_users.email
)

select * from final
