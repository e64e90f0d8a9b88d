with docs as (
    select * from {{ ref('stg_dental_exec__docs') }}
),

doc_files as (
    select * from {{ ref('stg_dental_exec__doc_files') }}
),

note_images as (
    select * from {{ ref('stg_dental_exec__note_images') }}
),

note_rows as (
    select * from {{ ref('int_dental_exec__note_rows') }}
    where note_id is not null
),

practices as (
    select
        practice,
        max_file_mb
    from {{ ref('stg_migration__practices') }}
),

documents as (
    select
        docs._practice,
        docs._file,
        docs._line,
        'docs' as table_name,
        docs.doc_id as source_id,
        null::bigint as number,
        docs.doc_id as file_id,
        docs.patient_id,
        coalesce(
            {{ safe_file_name('docs.file_name') }},
            {{ safe_file_name('docs.relative_path') }},
            docs.doc_id
        ) as file_name,
        docs.file_name as file_name_written,
        docs.category,
        docs.captured_date,
        docs.relative_path as path_written,
        doc_files.status,
        doc_files.path,
        doc_files.bytes,
        doc_files.sha256,
        doc_files.why,
        docs._found
    from docs
    left join doc_files
        on docs._practice = doc_files._practice and docs.doc_id = doc_files.doc_id
),

-- What is wrong with a note is said of the note, and holds no image back.
images as (
    select
        note_rows._practice,
        note_rows._file,
        note_rows._line,
        'note_images' as table_name,
        note_images.note_id as source_id,
        note_images.number,
        'note-' || note_images.note_id || '-' || note_images.number as file_id,
        note_rows.patient_id,
        {{ safe_file_name('note_images.file_name') }} as file_name,
        note_images.file_name as file_name_written,
        'Note image' as category,
        note_rows.note_date as captured_date,
        note_images.file_name as path_written,
        case when note_images.path is null then 'unreadable' else 'ok' end as status,
        note_images.path,
        note_images.bytes,
        note_images.sha256,
        note_images.why,
        {{ no_problems() }} as _found
    from note_images
    inner join note_rows
        on
            note_images._practice = note_rows._practice
            and note_images.note_id = note_rows.note_id
),

{%- set columns = [
    '_practice', '_file', '_line', 'table_name', 'source_id', 'number', 'file_id', 'patient_id',
    'file_name', 'file_name_written', 'category', 'captured_date', 'path_written', 'status',
    'path', 'bytes', 'sha256', 'why', '_found',
] %}

gathered as (
    {%- for rows in ('documents', 'images') %}
    select {{ columns | join(', ') }}
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

named as (
    select
        gathered.*,
        {{ file_name_ending('gathered.file_name') }} as ending,
        case
            when gathered.status = 'ok' and gathered.bytes > practices.max_file_mb * 1048576
                then 'larger than ' || round(practices.max_file_mb)::bigint || ' MB'
        end as too_large
    from gathered
    left join practices on gathered._practice = practices.practice
),

titled as (
    select
        *,
        -- A note calls its images by their whole names.
        case
            when table_name = 'docs' then left(file_name, length(file_name) - length(ending))
            else file_name
        end as title
    from named
),

final as (
    select
        _practice,
        _file,
        _line,
        table_name,
        source_id,
        number,
        file_id,
        patient_id,
        case
            when {{ utf16_length('title') }} > 255 then {{ leading_part('title', 255) }}
            else title
        end as title,
        case
            when {{ utf16_length('file_name') }} > 500
                then {{ leading_part('file_name', 480) }} || ending
            else file_name
        end as path_on_client,
        category,
        captured_date,
        path,
        bytes,
        sha256,
        coalesce(status = 'ok' and too_large is null, false) as is_uploadable,
        list_concat(
            _found,
            {{ problems([
                (
                    "coalesce(status, 'missing') = 'missing'",
                    problem(
                        'file_missing', 'VersionData', "concat_ws(': ', path_written, why)",
                        held_back=true, action='Put the file where the report says, and export again.',
                    ),
                ),
                (
                    "status not in ('ok', 'missing')",
                    problem(
                        'file_refused', 'VersionData', "concat_ws(': ', path_written, why)",
                        held_back=true,
                    ),
                ),
                (
                    'too_large is not null',
                    problem(
                        'file_refused', 'VersionData', "concat_ws(': ', path_written, too_large)",
                        held_back=true,
                    ),
                ),
                (
                    'file_name_written is null',
                    problem('missing_required', 'PathOnClient'),
                ),
                (
                    'file_name != file_name_written',
                    problem('adjusted', 'PathOnClient', 'file_name_written'),
                ),
                (
                    utf16_length('file_name') ~ ' > 500',
                    problem('too_long', 'PathOnClient', 'file_name'),
                ),
                (
                    utf16_length('title') ~ ' > 255',
                    problem('too_long', 'Title', 'title'),
                ),
            ]) }}
        ) as _found
    from titled
)

select * from final
