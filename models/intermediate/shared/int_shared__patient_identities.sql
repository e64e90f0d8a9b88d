{%- set compared = [
    '_practice', '_file', '_line', 'patid', 'patid_number', 'children', 'guarid', 'guarantor',
    'account', 'duplicate_of_patid', 'family_name', 'given_words', 'given_name', 'birth_date',
    'email', 'chart_number', 'street', 'postal_code', 'phones',
] -%}
with people as (
    {%- for system in ('dentrix', 'dental_exec') %}
    select
        {%- for column in compared[:-1] %}
        {{ column }},
        {%- endfor %}
        {{ compared[-1] }}
    from {{ ref('int_' ~ system ~ '__patient_identities') }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

-- Numbered apart from all that is compared: sorting whole rows would take their memory, too.
numbered as (
    select
        _practice,
        patid,
        row_number() over (
            order by children > 0, _practice, patid_number nulls last, patid
        ) as place
    from people
),

final as (
    select
        people.*,
        numbered.place
    from people
    inner join numbered
        on people._practice = numbered._practice and people.patid = numbered.patid
)

select * from final
