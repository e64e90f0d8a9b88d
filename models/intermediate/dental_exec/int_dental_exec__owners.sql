with words as (
    select * from {{ ref('int_dental_exec__owner_words') }}
),

fallback_owners as (
    select * from {{ ref('int_dental_exec__fallback_owners') }}
),

final as (
    select
        words._practice,
        words.written,
        coalesce(words.matched_user_id, fallback_owners.owner_user_id) as owner_user_id
    from words
    left join fallback_owners on words._practice = fallback_owners._practice
)

select * from final
