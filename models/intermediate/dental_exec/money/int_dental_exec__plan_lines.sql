with plan_lines as (
    select * from {{ ref('stg_dental_exec__txplan') }}
    where plan_line_id is not null
),

people as (
    select * from {{ ref('int_dental_exec__money_people') }}
),

attribution as (
    select * from {{ ref('int_dental_exec__attribution') }}
),

categories as (
    select * from {{ ref('cdt_categories') }}
),

statuses as (
    select * from {{ ref('dental_exec__plan_status') }}
),

-- Dental-Exec has no table of codes: what falls into a category of CDT is known. Ranges do not
-- overlap, so a code falls into one at most.
named as (
    select
        plan_lines.*,
        {{ cdt_code('plan_lines.source_code', 'categories.category') }} as cdt_code,
        concat_ws(' ', plan_lines.plan_line_id, plan_lines.source_code) as whole_name
    from plan_lines
    left join categories
        on plan_lines.source_code between categories.first_code and categories.last_code
),

-- A name longer than its field is cut, and stands whole in the description.
final as (
    select
        named._practice,
        named._file,
        named._line,
        named.plan_line_id,
        named.plan_id,
        named.line_number,
        coalesce(people.survivor_id, named.patient_id) as patient_id,
        coalesce(people.is_loaded, false) as is_loaded,
        {{ cut_text('named.whole_name', 80) }} as name,
        case when {{ utf16_length('named.whole_name') }} > 80 then named.whole_name end
            as description,
        attribution.provider_contact_key,
        statuses.status,
        named.cdt_code,
        named.source_code,
        abs(named.fee) as fee,
        named.insurance_estimate,
        named.phase,
        named.tooth,
        named.place,
        named.surface,
        named.planned_on,
        named.estimated_completion,
        list_concat(
            named._found,
            {{ problems([
                (
                    utf16_length('named.whole_name') ~ ' > 80',
                    problem('too_long', 'Name', 'named.whole_name'),
                ),
                (
                    words_of('named.status_word') ~ ' is not null and statuses.status is null',
                    problem('not_in_picklist', 'Status__c', 'named.status_word'),
                ),
                (
                    'named.source_code is not null and named.cdt_code is null',
                    problem('invalid_code', 'CDT_Code__c', 'named.source_code'),
                ),
                (
                    'named.provider_id is not null and attribution.provider_id is null',
                    problem(
                        'orphan', 'Provider_Contact__r.Migration_Key__c', 'named.provider_id'
                    ),
                ),
            ]) }}
        ) as _found
    from named
    left join people
        on named._practice = people._practice and named.patient_id = people.patient_id
    left join attribution
        on
            named._practice = attribution._practice
            and named.provider_id = attribution.provider_id
    left join statuses on {{ words_of('named.status_word') }} = statuses.word
)

select * from final
