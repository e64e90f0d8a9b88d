with provpat as (
    select * from {{ ref('stg_dental_exec__provpat') }}
),

patients as (
    select * from {{ ref('int_dental_exec__patients') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

relationships as (
    select * from {{ ref('dental_exec__relationship') }}
),

own_rows as (
    select
        provpat._practice,
        provpat._file,
        provpat._line,
        true as is_own_row,
        provpat.patient_id,
        coalesce(groups.survivor_patid, provpat.patient_id) as survivor_patient_id,
        provpat.provider_id,
        provpat.relationship as relationship_written,
        relationships.relationship_type,
        provpat.since,
        provpat._found
    from provpat
    left join groups
        on provpat._practice = groups._practice and provpat.patient_id = groups.patid
    left join relationships on {{ words_of('provpat.relationship') }} = relationships.word
),

-- A primary provider whom nobody knows is reported on the patient, and so is no link.
columns_of_patients as (
    {%- for column, type, known in [
        ('provider_id', 'Primary', 'provider_contact_key is not null'),
        ('hygienist_id', 'Hygiene', 'hygienist_id is not null'),
    ] %}
    select
        _practice,
        _file,
        _line,
        false as is_own_row,
        patient_id,
        patient_id as survivor_patient_id,
        {{ column }} as provider_id,
        null::varchar as relationship_written,
        '{{ type }}' as relationship_type,
        null::date as since,
        {{ no_problems() }} as _found
    from patients
    where {{ known }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

links as (
    select * from own_rows
    union all
    select * from columns_of_patients
),

keyed as (
    select
        *,
        {{ migration_key(
            '_practice', 'junction',
            "(survivor_patient_id || '-' || provider_id || '-' || relationship_type)",
        ) }} as junction_key
    from links
),

-- What PROVPAT says goes before the patient's own column, and a survivor's row before that of
-- whoever was merged.
ranked as (
    select
        *,
        row_number() over (
            partition by _practice, junction_key
            order by is_own_row desc, patient_id = survivor_patient_id desc, _file, _line
        ) as place
    from keyed
),

final as (
    select
        _practice,
        _file,
        _line,
        is_own_row,
        patient_id,
        survivor_patient_id,
        provider_id,
        relationship_written,
        relationship_type,
        since,
        junction_key,
        case
            when junction_key is null then 'no key'
            when place = 1 then 'record'
            when is_own_row then 'duplicate_key'
            else 'said in PROVPAT'
        end as outcome,
        _found
    from ranked
)

select * from final
