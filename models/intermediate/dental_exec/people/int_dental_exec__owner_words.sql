with borne as (
    select _practice, _file, _line, assigned_to as written
    from {{ ref('stg_dental_exec__patients') }}
    union all
    select _practice, _file, _line, assigned_to as written
    from {{ ref('stg_dental_exec__tasks') }}
    union all
    select _practice, _file, _line, created_by as written
    from {{ ref('stg_dental_exec__appointments') }}
),

words as (
    select
        _practice,
        written,
        lower(written) as email,
        min(_file) as _file,
        min_by(_line, (_file, _line)) as _line
    from borne
    where written is not null
    group by _practice, written
),

staff as (
    select * from {{ ref('int_dental_exec__staff') }}
),

staff_by_email as (
    select
        _practice,
        email,
        max_by(person_kind, (person_kind, person_id)) as person_kind,
        max_by(person_id, (person_kind, person_id)) as person_id
    from staff
    where email is not null
    group by _practice, email
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

-- A word is a user's id; else a provider's; else somebody's e-mail address.
named as (
    select
        words._practice,
        words.written,
        words.email,
        words._file,
        words._line,
        case
            when system_users.person_id is not null then 'user'
            when providers.person_id is not null then 'provider'
            else staff_by_email.person_kind
        end as person_kind,
        coalesce(system_users.person_id, providers.person_id, staff_by_email.person_id) as person_id
    from words
    left join staff as system_users
        on
            words._practice = system_users._practice
            and words.written = system_users.person_id
            and system_users.person_kind = 'user'
    left join staff as providers
        on
            words._practice = providers._practice
            and words.written = providers.person_id
            and providers.person_kind = 'provider'
    left join staff_by_email
        on words._practice = staff_by_email._practice and words.email = staff_by_email.email
),

final as (
    select
        named._practice,
        named.written,
        named.person_kind,
        named.person_id,
        case
            when named.person_kind is null then active_users.user_id
            else staff.matched_user_id
        end as matched_user_id,
        coalesce(staff._file, named._file) as _file,
        coalesce(staff._line, named._line) as _line
    from named
    left join staff
        on
            named._practice = staff._practice
            and named.person_kind = staff.person_kind
            and named.person_id = staff.person_id
    left join active_users on named.email = active_users.email
)

select * from final
