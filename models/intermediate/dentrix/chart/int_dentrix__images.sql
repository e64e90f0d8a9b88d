with image_rows as (
    select * from {{ ref('int_dentrix__image_rows') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

practices as (
    select * from {{ ref('stg_migration__practices') }}
),

placed as (
    select
        image_rows.*,
        groups.survivor_patid,
        struct_pack(
            rank_in_group := groups.rank_in_group,
            number := coalesce(try_cast(image_rows.attachment_id as ubigint), 0),
            id := image_rows.attachment_id
        ) as place,
        practices.imaging_base_url
    from image_rows
    left join groups
        on image_rows._practice = groups._practice and image_rows.patid = groups.patid
    left join practices on image_rows._practice = practices.practice
),

-- One document twice at one patient: the survivor's own row stands, then the one that was first.
standing as (
    select
        _practice,
        docid,
        survivor_patid,
        min(place) as place
    from placed
    where survivor_patid is not null and attachment_id is not null and path is not null
    group by _practice, docid, survivor_patid
),

final as (
    select
        placed._practice,
        placed._file,
        placed._line,
        placed.table_name,
        placed.attachment_id,
        placed.docid,
        placed.patid as written_patid,
        coalesce(placed.survivor_patid, placed.patid) as patid,
        placed.docid || '-' || coalesce(placed.survivor_patid, placed.patid, '') as image_id,
        case
            when placed.attachment_id is null then 'no_key'
            when not placed.is_attached_to_patient then 'not_a_patients'
            when not placed.is_known or placed.docid is null then 'no_document'
            when placed.path is null then 'no_file'
            when placed.survivor_patid is null then 'orphan'
            when placed.place != standing.place then 'duplicate_key'
            else 'image'
        end as outcome,
        placed.title,
        placed.category,
        placed.path,
        {{ image_url('placed.imaging_base_url', 'placed.path') }} as url,
        placed.captured_date,
        list_concat(
            placed._found,
            {{ problems([(
                'placed.imaging_base_url is not null and ' ~ is_hostile_path('placed.path'),
                problem('file_refused', 'Source_URL__c', 'placed.path'),
            )]) }}
        ) as _found
    from placed
    left join standing
        on
            placed._practice = standing._practice
            and placed.docid = standing.docid
            and placed.survivor_patid = standing.survivor_patid
)

select * from final
