with providers as (
    select * from {{ ref('stg_dental_exec__providers') }}
    where provider_id is not null
),

roles as (
    select * from {{ ref('dental_exec__provider_type') }}
),

specialty_words as (
    select * from {{ ref('shared__specialty') }}
),

junk as (
    select * from {{ ref('shared__junk_providers') }}
),

written_specialties as (
    select specialty as written
    from providers
    where specialty is not null
    group by specialty
),

-- A description may hold several words that the map knows: the longest decides.
mapped_specialties as (
    select
        written_specialties.written,
        max_by(words.specialty, (length(words.word), words.word)) as specialty
    from written_specialties
    left join specialty_words as words
        on contains(
            ' ' || lower(translate(written_specialties.written, '/-,.;()', '       ')),
            ' ' || words.word
        )
    group by written_specialties.written
),

stand_ins as (
    select
        providers._practice,
        providers.provider_id
    from providers
    inner join junk
        on {{ fully_matches(
            "lower(case junk.field when 'provider_id' then providers.provider_id"
            ~ " else concat_ws(' ', providers.first_name, providers.last_name) end)",
            'junk.pattern',
        ) }}
    group by providers._practice, providers.provider_id
),

final as (
    select
        providers._practice,
        providers._file,
        providers._line,
        providers.provider_id,
        {{ migration_key('providers._practice', 'provider', 'providers.provider_id') }}
            as contact_key,
        case when stand_ins.provider_id is not null then 'a stand-in, not a person' end
            as skipped_because,
        providers.first_name,
        providers.last_name,
        roles.role,
        mapped_specialties.specialty,
        providers.npi,
        providers.license,
        providers.email,
        providers.is_active,
        list_concat(
            providers._found,
            {{ problems([
                (
                    'providers.type is not null and roles.role is null',
                    problem('not_in_picklist', 'Role__c', 'providers.type'),
                ),
                (
                    'providers.specialty is not null and mapped_specialties.specialty is null',
                    problem('not_in_picklist', 'Dental_Specialty__c', 'providers.specialty'),
                ),
            ]) }}
        ) as _found
    from providers
    left join roles on {{ words_of('providers.type') }} = roles.word
    left join mapped_specialties on providers.specialty = mapped_specialties.written
    left join stand_ins
        on
            providers._practice = stand_ins._practice
            and providers.provider_id = stand_ins.provider_id
)

select * from final
