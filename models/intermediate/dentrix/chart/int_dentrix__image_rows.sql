with document_files as (
    select * from {{ ref('stg_dentrix__document_files') }}
),

documents as (
    select * from {{ ref('stg_dentrix__document') }}
),

categories as (
    select * from {{ ref('stg_dentrix__doccat') }}
),

-- A document hangs on any number of patients; each of them gets a reference to it.
dentrix_rows as (
    select
        attachments._practice,
        attachments._file,
        attachments._line,
        'docattach' as table_name,
        attachments.attachid as attachment_id,
        attachments.docid,
        attachments.is_attached_to_patient,
        attachments.attached_to_patid as patid,
        documents.docid is not null or document_files.docid is not null as is_known,
        coalesce(documents.title, regexp_extract(document_files.path, '[^\\/]+$')) as title,
        categories.name as category,
        document_files.path,
        documents.captured_date,
        list_concat(
            coalesce(
                {{ problems_at('documents._found', 'documents._file', 'documents._line') }},
                {{ no_problems() }}
            ),
            {{ problems([
                (
                    'documents.docid is null and document_files.docid is not null',
                    problem('orphan', 'Title__c', 'attachments.docid'),
                ),
                (
                    'documents.category_id is not null and categories.category_id is null',
                    problem(
                        'orphan', 'Category__c', 'documents.category_id',
                        file='documents._file', line='documents._line',
                    ),
                ),
            ]) }}
        ) as _found
    from {{ ref('stg_dentrix__docattach') }} as attachments
    left join document_files
        on
            attachments._practice = document_files._practice
            and attachments.docid = document_files.docid
    left join documents
        on attachments._practice = documents._practice and attachments.docid = documents.docid
    left join categories
        on
            documents._practice = categories._practice
            and documents.category_id = categories.category_id
),

ascend_rows as (
    select
        _practice,
        _file,
        _line,
        'documents' as table_name,
        docid as attachment_id,
        docid,
        patid is not null as is_attached_to_patient,
        patid,
        true as is_known,
        title,
        category,
        path,
        captured_date,
        _found
    from {{ ref('stg_dentrix_ascend__documents') }}
),

{%- set columns = [
    '_practice', '_file', '_line', 'table_name', 'attachment_id', 'docid',
    'is_attached_to_patient', 'patid', 'is_known', 'title', 'category', 'path', 'captured_date',
    '_found',
] %}

final as (
    {%- for rows in ('dentrix_rows', 'ascend_rows') %}
    select {{ columns | join(', ') }}
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
