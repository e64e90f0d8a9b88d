{#- Named where it is read: a CTE read a dozen times would hold all patients in memory. -#}
{%- set people = ref('int_shared__patient_identities') -%}
with map_decisions as (
    select * from {{ ref('patient_merges') }}
),

loaded_merges as (
    select * from {{ ref('stg_salesforce__merges') }}
),

-- A merge that was loaded names both by migration key.
loaded_ids as (
    select
        split_part(survivor_key, ':', 1) as _practice,
        substr(survivor_key, length(split_part(survivor_key, ':', 1)) + 10) as survivor_patid,
        substr(merged_key, length(split_part(merged_key, ':', 1)) + 10) as merged_patid
    from loaded_merges
    where split_part(survivor_key, ':', 2) = 'patient'
),

loaded_pairs as (
    select
        least(survivors.place, merged.place) as place_a,
        greatest(survivors.place, merged.place) as place_b,
        min(survivors.patid) as standing_survivor
    from loaded_ids
    inner join {{ people }} as survivors
        on
            loaded_ids._practice = survivors._practice
            and loaded_ids.survivor_patid = survivors.patid
    inner join {{ people }} as merged
        on
            loaded_ids._practice = merged._practice
            and loaded_ids.merged_patid = merged.patid
    where survivors.place != merged.place
    group by place_a, place_b
),

-- The map may name a patient by patid or by migration key.
map_ids as (
    select
        trim(practice) as _practice,
        lower(trim(decision)) as decision,
        case
            when starts_with(trim(key), trim(practice) || ':patient:')
                then substr(trim(key), length(trim(practice)) + 10)
            else trim(key)
        end as patid,
        case
            when starts_with(trim(other_key), trim(practice) || ':patient:')
                then substr(trim(other_key), length(trim(practice)) + 10)
            else trim(other_key)
        end as other_patid
    from map_decisions
),

-- Where the map says both, the two stay apart.
map_pairs as (
    select
        least(ones.place, others.place) as place_a,
        greatest(ones.place, others.place) as place_b,
        min(map_ids.decision) as decision
    from map_ids
    inner join {{ people }} as ones
        on map_ids._practice = ones._practice and map_ids.patid = ones.patid
    inner join {{ people }} as others
        on map_ids._practice = others._practice and map_ids.other_patid = others.patid
    where
        map_ids.decision in ('merge', 'keep')
        and ones.place != others.place
    group by place_a, place_b
),

-- Ascend itself may call a patient the duplicate of another.
said_pairs as (
    select
        least(ones.place, others.place) as place_a,
        greatest(ones.place, others.place) as place_b
    from {{ people }} as ones
    inner join {{ people }} as others
        on ones._practice = others._practice and ones.duplicate_of_patid = others.patid
    where ones.duplicate_of_patid is not null and ones.place != others.place
    group by all
),

kept_places as (
    select place_a as place from map_pairs
    where decision = 'keep'
    union
    select place_b as place from map_pairs
    where decision = 'keep'
),

kept as (
    select people.*
    from kept_places
    inner join {{ people }} as people on kept_places.place = people.place
),

-- Namesakes born on one day, and namesakes of whom one has no birth date, are all that rules on
-- names can concern: the rest of the practice is put aside at once.
crowded_birthdays as (
    select
        _practice,
        family_name,
        birth_date,
        min(place) as birthday
    from {{ people }}
    where family_name is not null and birth_date is not null and given_name is not null
    group by _practice, family_name, birth_date
    having count(*) > 1
),

-- What speaks for two namesakes being one.
signs as (
    select
        crowded_birthdays.birthday,
        people.place,
        people.given_words,
        people.given_name,
        unnest(list_concat(
            list_transform(people.phones, lambda x: 'phone ' || x),
            list_filter(
                [
                    'guarantor ' || people.guarantor,
                    'account ' || people.account,
                    'address ' || people.street || chr(31) || people.postal_code,
                    'e-mail ' || people.email,
                    'chart ' || people.chart_number
                ],
                lambda x: x is not null
            )
        )) as sign
    from {{ people }} as people
    inner join crowded_birthdays
        on
            people._practice = crowded_birthdays._practice
            and people.family_name = crowded_birthdays.family_name
            and people.birth_date = crowded_birthdays.birth_date
    where people.given_name is not null
),

shared_signs as (
    select
        birthday,
        sign,
        min(place) as circle
    from signs
    group by birthday, sign
    having count(*) > 1
),

circles as (
    select
        shared_signs.circle,
        shared_signs.sign,
        signs.place,
        signs.given_words,
        signs.given_name
    from signs
    inner join shared_signs
        on signs.birthday = shared_signs.birthday and signs.sign = shared_signs.sign
),

-- A circle may hold hundreds of equal rows (placeholders), so each is linked to the first of its
-- first name only, and first names to each other through their first. Whoever has no child rows
-- comes first, so that what is decided for the first holds for the others.
first_names as (
    select
        circle,
        sign,
        given_words,
        given_name,
        min(place) as first_place
    from circles
    group by circle, sign, given_words, given_name
),

same_first_name as (
    select
        first_names.first_place as place_a,
        circles.place as place_b
    from circles
    inner join first_names
        on
            circles.circle = first_names.circle
            and circles.sign = first_names.sign
            and circles.given_words = first_names.given_words
),

similar_first_names as (
    select
        ones.first_place as place_a,
        others.first_place as place_b
    from first_names as ones
    inner join first_names as others
        on ones.circle = others.circle and ones.sign = others.sign
    where
        ones.given_words < others.given_words
        and (
            ones.given_name = others.given_name
            or starts_with(others.given_words, ones.given_words || ' ')
            or {{ one_edit_apart('ones.given_name', 'others.given_name') }}
        )
),

-- Ways to reach those who have no birth date.
undated_contacts as (
    select
        _practice,
        family_name,
        given_name,
        place,
        chart_number,
        unnest(list_concat(phones, list_filter([email], lambda x: x is not null))) as contact
    from {{ people }}
    where birth_date is null and family_name is not null and given_name is not null
),

first_undated as (
    select
        _practice,
        family_name,
        given_name,
        contact,
        min(place) as first_place
    from undated_contacts
    group by _practice, family_name, given_name, contact
),

undated_names as (
    select
        _practice,
        family_name,
        given_name
    from first_undated
    group by _practice, family_name, given_name
),

dated_contacts as (
    select
        people._practice,
        people.family_name,
        people.given_name,
        people.place,
        people.chart_number,
        unnest(
            list_concat(people.phones, list_filter([people.email], lambda x: x is not null))
        ) as contact
    from {{ people }} as people
    inner join undated_names
        on
            people._practice = undated_names._practice
            and people.family_name = undated_names.family_name
            and people.given_name = undated_names.given_name
    where people.birth_date is not null
),

-- Each is linked to the first without a birth date, and each of those to the first with one.
undated_links as (
    select
        first_undated.first_place as place_a,
        undated_contacts.place as place_b
    from undated_contacts
    inner join first_undated using (_practice, family_name, given_name, contact)
    union all
    select
        first_undated.first_place as place_a,
        dated_contacts.place as place_b
    from dated_contacts
    inner join first_undated using (_practice, family_name, given_name, contact)
),

dated_and_reached as (
    select
        dated_contacts._practice,
        dated_contacts.family_name,
        dated_contacts.given_name,
        dated_contacts.contact,
        min(dated_contacts.place) as first_place
    from dated_contacts
    inner join first_undated using (_practice, family_name, given_name, contact)
    group by
        dated_contacts._practice,
        dated_contacts.family_name,
        dated_contacts.given_name,
        dated_contacts.contact
),

dated_links as (
    select
        dated_and_reached.first_place as place_a,
        undated_contacts.place as place_b
    from undated_contacts
    inner join dated_and_reached using (_practice, family_name, given_name, contact)
),

-- The first of all need not have the chart number that two others share.
undated_charts as (
    select
        _practice,
        family_name,
        given_name,
        contact,
        chart_number,
        min(place) as first_place
    from undated_contacts
    where chart_number is not null
    group by _practice, family_name, given_name, contact, chart_number
),

chart_links as (
    select
        undated_charts.first_place as place_a,
        undated_contacts.place as place_b
    from undated_contacts
    inner join undated_charts using (_practice, family_name, given_name, contact, chart_number)
    union all
    select
        undated_charts.first_place as place_a,
        dated_contacts.place as place_b
    from dated_contacts
    inner join undated_charts using (_practice, family_name, given_name, contact, chart_number)
),

-- A name changed by marriage: the chart, the first name and the birthday stay.
shared_charts as (
    select
        _practice,
        chart_number,
        given_name,
        birth_date,
        min(place) as first_place
    from {{ people }}
    where chart_number is not null and given_name is not null and birth_date is not null
    group by _practice, chart_number, given_name, birth_date
    having count(*) > 1
),

same_chart as (
    select
        shared_charts.first_place as place_a,
        people.place as place_b
    from {{ people }} as people
    inner join shared_charts using (_practice, chart_number, given_name, birth_date)
),

-- Whom the map keeps apart from one must still be held against all others.
beside_kept as (
    {%- for one, other in [
        ('family_name', 'birth_date'), ('family_name', 'given_name'), ('chart_number', 'given_name')
    ] %}
    select
        kept.place as place_a,
        others.place as place_b
    from kept
    inner join {{ people }} as others
        on
            kept._practice = others._practice
            and kept.{{ one }} = others.{{ one }}
            and kept.{{ other }} = others.{{ other }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

links as (
    select place_a, place_b from same_first_name
    union all
    select place_a, place_b from similar_first_names
    union all
    select place_a, place_b from undated_links
    union all
    select place_a, place_b from dated_links
    union all
    select place_a, place_b from chart_links
    union all
    select place_a, place_b from same_chart
    union all
    select place_a, place_b from beside_kept
    union all
    select place_a, place_b from map_pairs
    union all
    select place_a, place_b from said_pairs
    union all
    select place_a, place_b from loaded_pairs
),

candidates as (
    select
        least(place_a, place_b) as place_a,
        greatest(place_a, place_b) as place_b
    from links
    where place_a != place_b
    group by all
),

compared as (
    select
        a._practice,
        a.patid as patid_a,
        b.patid as patid_b,
        candidates.place_a,
        candidates.place_b,
        coalesce(a.patid_number > b.patid_number, a.patid > b.patid) as is_reversed,
        coalesce(a.family_name = b.family_name, false) as same_family_name,
        coalesce(a.given_name = b.given_name, false) as same_given_name,
        coalesce(
            a.given_words || ' ' || split_part(b.given_words, ' ', -1) = b.given_words
            or b.given_words || ' ' || split_part(a.given_words, ' ', -1) = a.given_words,
            false
        ) as has_middle_name,
        coalesce({{ one_edit_apart('a.given_name', 'b.given_name') }}, false) as near_given_name,
        coalesce(a.birth_date = b.birth_date, false) as same_birth_date,
        a.birth_date is null or b.birth_date is null as lacks_birth_date,
        coalesce(a.guarantor = b.guarantor, false) as same_guarantor,
        coalesce(a.account = b.account, false) as same_account,
        coalesce(a.street = b.street and a.postal_code = b.postal_code, false) as same_address,
        coalesce({{ lists_overlap('a.phones', 'b.phones') }}, false) as same_phone,
        coalesce(a.email = b.email, false) as same_email,
        coalesce(a.chart_number = b.chart_number, false) as same_chart,
        a.children = 0 or b.children = 0 as one_is_childless,
        map_pairs.decision as map_decision,
        said_pairs.place_a is not null as is_said,
        loaded_pairs.standing_survivor
    from candidates
    inner join {{ people }} as a on candidates.place_a = a.place
    inner join {{ people }} as b on candidates.place_b = b.place
    left join map_pairs
        on candidates.place_a = map_pairs.place_a and candidates.place_b = map_pairs.place_b
    left join said_pairs
        on candidates.place_a = said_pairs.place_a and candidates.place_b = said_pairs.place_b
    left join loaded_pairs
        on
            candidates.place_a = loaded_pairs.place_a
            and candidates.place_b = loaded_pairs.place_b
),

ruled as (
    select
        *,
        case
            when standing_survivor is not null then 'loaded'
            when map_decision is not null then 'map'
            when is_said then 'ascend duplicate'
            when not (same_birth_date or lacks_birth_date) then null
            when
                same_family_name and same_birth_date and (same_given_name or has_middle_name)
                and (
                    same_guarantor or same_account or same_address or same_phone or same_email
                    or same_chart
                )
                then 'same name'
            when same_chart and same_given_name and same_birth_date then 'married name'
            when
                same_family_name and same_birth_date and near_given_name
                and (
                    same_guarantor or same_account or same_address or same_phone or same_email
                    or same_chart
                )
                then 'similar first name'
            when
                same_family_name and same_given_name and lacks_birth_date
                and (same_phone or same_email)
                then 'no birth date'
        end as rule
    from compared
),

final as (
    select
        _practice,
        case when is_reversed then patid_b else patid_a end as patid_a,
        case when is_reversed then patid_a else patid_b end as patid_b,
        place_a,
        place_b,
        rule,
        case
            when rule = 'loaded' then 'merge'
            when map_decision = 'keep' then 'apart'
            when
                rule in ('map', 'ascend duplicate')
                and not (same_birth_date or lacks_birth_date)
                then 'possible_duplicate'
            when rule in ('map', 'ascend duplicate', 'same name', 'married name') then 'merge'
            when same_chart or one_is_childless then 'merge'
            else 'possible_duplicate'
        end as decision,
        standing_survivor,
        concat_ws(
            ', ',
            rule,
            case when same_guarantor then 'same guarantor' end,
            case when same_account then 'same account' end,
            case when same_address then 'same address' end,
            case when same_phone then 'same phone' end,
            case when same_email then 'same e-mail' end,
            case when same_chart then 'same chart number' end,
            case when not (same_birth_date or lacks_birth_date) then 'different birth dates' end
        ) as why
    from ruled
    where rule is not null
)

select * from final
