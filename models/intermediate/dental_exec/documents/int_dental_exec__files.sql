with file_rows as (
    select * from {{ ref('int_dental_exec__file_rows') }}
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

placed as (
    select
        file_rows.*,
        groups.survivor_patid,
        struct_pack(
            is_of_a_note := file_rows.table_name != 'docs',
            source_number := coalesce(try_cast(file_rows.source_id as ubigint), 0),
            source_id := file_rows.source_id,
            number := coalesce(file_rows.number, 0)
        ) as place
    from file_rows
    left join groups
        on file_rows._practice = groups._practice and file_rows.patient_id = groups.patid
),

-- The same bytes twice at one patient: the first document stands, a document before an image.
standing as (
    select
        _practice,
        survivor_patid,
        sha256,
        min(place) as place,
        min_by(file_id, place) as file_id
    from placed
    where file_id is not null and survivor_patid is not null and is_uploadable
    group by _practice, survivor_patid, sha256
),

final as (
    select
        placed._practice,
        placed._file,
        placed._line,
        placed.table_name,
        placed.file_id,
        coalesce(placed.survivor_patid, placed.patient_id) as patient_id,
        case
            when placed.file_id is null then 'no_key'
            when placed.place != standing.place then 'duplicate_key'
            else 'file'
        end as outcome,
        standing.file_id as standing_file_id,
        placed.title,
        placed.path_on_client,
        placed.category,
        placed.captured_date,
        placed.path,
        placed.bytes,
        placed.sha256,
        list_concat(
            placed._found,
            {{ problems([(
                'placed.patient_id is not null and placed.survivor_patid is null',
                problem(
                    'orphan', 'FirstPublishLocation.Migration_Key__c', 'placed.patient_id',
                    held_back=true,
                ),
            )]) }}
        ) as _found
    from placed
    left join standing
        on
            placed._practice = standing._practice
            and placed.survivor_patid = standing.survivor_patid
            and placed.sha256 = standing.sha256
            and placed.is_uploadable
)

select * from final
