{#-
    Groups are drawn three times: from loaded merges alone, which stand whatever comes; with the
    map's decisions and what Ascend itself says; with what the rules find. A group that may not be falls back to the one
    before it, so that one bad link undoes neither what was loaded nor what a person decided.
-#}
{%- set firmest_first =
    "['loaded', 'map', 'ascend duplicate', 'same name', 'married name', 'similar first name',"
    ~ " 'no birth date']" %}
{%- set levels = {1: "rule = 'loaded'", 2: "rule in ('loaded', 'map', 'ascend duplicate')", 3: 'true'} -%}
with recursive people as (
    select * from {{ ref('int_shared__patient_identities') }}
),

pairs as (
    select * from {{ ref('int_shared__duplicate_pairs') }}
),

{% for level, rules in levels.items() -%}
links_{{ level }} as (
    select
        place_a as here,
        place_b as there
    from pairs
    where decision = 'merge' and {{ rules }}
    union all
    select
        place_b as here,
        place_a as there
    from pairs
    where decision = 'merge' and {{ rules }}
),

-- Every patient takes over the lowest number that reaches it.
reached_{{ level }} (place, root) as (
    select
        here as place,
        here as root
    from links_{{ level }}
    union
    select
        links_{{ level }}.there as place,
        reached_{{ level }}.root
    from reached_{{ level }}
    inner join links_{{ level }} on reached_{{ level }}.place = links_{{ level }}.here
    where reached_{{ level }}.root < links_{{ level }}.there
),

groups_{{ level }} as (
    select
        place,
        min(root) as root
    from reached_{{ level }}
    group by place
),

{% endfor -%}
standing as (
    select people.place
    from pairs
    inner join people
        on
            pairs._practice = people._practice
            and pairs.standing_survivor = people.patid
    group by people.place
),

drawn as (
    select
        people.place,
        people.birth_date,
        coalesce(groups_1.root, people.place) as root_1,
        coalesce(groups_2.root, people.place) as root_2,
        groups_3.root as root_3,
        standing.place is not null as is_standing
    from groups_3
    inner join people on groups_3.place = people.place
    left join groups_1 on groups_3.place = groups_1.place
    left join groups_2 on groups_3.place = groups_2.place
    left join standing on groups_3.place = standing.place
),

kept_pairs as (
    select
        ones.root_1 as one_root_1,
        others.root_1 as other_root_1,
        ones.root_2 as one_root_2,
        others.root_2 as other_root_2,
        ones.root_3 as one_root_3,
        others.root_3 as other_root_3
    from pairs
    inner join drawn as ones on pairs.place_a = ones.place
    inner join drawn as others on pairs.place_b = others.place
    where pairs.decision = 'apart'
),

{% for level in (2, 3) -%}
impossible_{{ level }} as (
    select root_{{ level }} as root
    from drawn
    group by root_{{ level }}
    having
        count(distinct root_1) > 1
        and (count(distinct birth_date) > 1 or count(*) filter (where is_standing) > 1)
    union
    select one_root_{{ level }} as root
    from kept_pairs
    where one_root_{{ level }} = other_root_{{ level }} and one_root_1 != other_root_1
),

{% endfor -%}
settled as (
    select
        drawn.place,
        drawn.is_standing,
        case
            when drawn.root_3 not in (select root from impossible_3) then drawn.root_3
            when drawn.root_2 not in (select root from impossible_2) then drawn.root_2
            else drawn.root_1
        end as root
    from drawn
),

-- Of a person's rows, the one that Ascend calls no duplicate of another stands for them.
ranked as (
    select
        people._practice,
        people.patid,
        people.place,
        count(*) over same_person as members,
        row_number() over by_standing as rank_in_group,
        first_value(people.patid) over by_standing as survivor_patid
    from settled
    inner join people on settled.place = people.place
    window
        same_person as (partition by settled.root),
        by_standing as (
            partition by settled.root
            order by
                settled.is_standing desc,
                people.duplicate_of_patid is not null,
                people.children desc,
                people.patid_number nulls last,
                people.patid
        )
),

-- Of several links that lead into a group, the one that stands firmest is named.
rules as (
    select
        ends.place,
        min_by(pairs.rule, list_position({{ firmest_first }}, pairs.rule)) as rule
    from pairs
    cross join unnest([pairs.place_a, pairs.place_b]) as ends (place)
    where pairs.decision = 'merge'
    group by ends.place
),

final as (
    select
        people._practice,
        people.patid,
        coalesce(ranked.survivor_patid, people.patid) as survivor_patid,
        coalesce(ranked.survivor_patid = people.patid, true) as is_survivor,
        coalesce(ranked.members, 1) as members,
        coalesce(ranked.rank_in_group, 1) as rank_in_group,
        case when ranked.members > 1 then rules.rule end as rule,
        people._file,
        people._line
    from people
    left join ranked on people.place = ranked.place
    left join rules on people.place = rules.place
)

select * from final
