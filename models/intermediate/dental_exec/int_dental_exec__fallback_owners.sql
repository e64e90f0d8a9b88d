with practices as (
    select * from {{ ref('stg_migration__practices') }}
    where system = 'dental_exec'
),

active_users as (
    select
        email,
        min(id) as user_id
    from {{ ref('stg_salesforce__users') }}
    where is_active and email is not null
    group by email
    having count(*) = 1
),

final as (
    select
        practices.practice as _practice,
        active_users.user_id as owner_user_id
    from practices
    left join active_users on practices.fallback_owner = active_users.email
)

select * from final
