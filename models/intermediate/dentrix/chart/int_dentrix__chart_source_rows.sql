with alerts as (
    select * from {{ ref('int_dentrix__alerts') }}
),

images as (
    select * from {{ ref('int_dentrix__images') }}
),

recall_rows as (
    select * from {{ ref('int_dentrix__recall_rows') }}
),

recalls as (
    select * from {{ ref('int_dentrix__patient_recalls') }}
),

-- What became of each record.
patient_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__patient') }}
),

image_records as (
    select
        "Migration_Key__c" as key,
        _held_back
    from {{ ref('dentrix__image') }}
),

-- A record of its own or a part of its patient's, an alert goes as the patient goes.
placed_alerts as (
    select
        alerts.*,
        coalesce(patient_records._held_back, true) as _held_back
    from alerts
    left join patient_records
        on {{ migration_key('alerts._practice', 'patient', 'alerts.patid') }} = patient_records.key
),

link_rows as (
    select
        _practice as practice,
        table_name,
        _file as file,
        _line as line,
        case
            when outcome = 'omitted' then 'skipped'
            when outcome = 'orphan' or _held_back then 'held_back'
            else 'record'
        end as outcome,
        case
            when outcome = 'omitted' then 'sensitive: left out, as migration.yml says'
            when outcome = 'orphan' then 'no such patient'
            when _held_back then 'its patient is held back'
        end as reason
    from placed_alerts
    where table_name != 'patient'
    union all
    select
        _practice as practice,
        table_name,
        _file as file,
        _line as line,
        'held_back' as outcome,
        'no primary key' as reason
    from {{ ref('int_dentrix__alert_rows') }}
    where alert_id is null and table_name != 'patient'
),

used_codes as (
    select
        _practice,
        table_name,
        code,
        bool_or(outcome = 'alert') as makes_record,
        bool_or(outcome = 'same_as_link') as is_a_link_too,
        bool_or(outcome = 'omitted') as is_omitted,
        bool_and(_held_back) filter (where outcome = 'alert') as _held_back
    from placed_alerts
    group by _practice, table_name, code
),

alert_names as (
    select
        _practice,
        _file,
        _line,
        'hhitem' as table_name,
        'hhlinkpat_item' as used_by,
        item_id as code
    from {{ ref('stg_dentrix__hhitem') }}
    union all
    select
        _practice,
        _file,
        _line,
        'medicalalerts' as table_name,
        'patientmedicalalerts' as used_by,
        item_id as code
    from {{ ref('stg_dentrix_ascend__medicalalerts') }}
    union all
    select
        _practice,
        _file,
        _line,
        'medalert' as table_name,
        'patient' as used_by,
        bit::varchar as code
    from {{ ref('stg_dentrix__medalert') }}
),

alert_name_rows as (
    select
        alert_names._practice as practice,
        alert_names.table_name,
        alert_names._file as file,
        alert_names._line as line,
        case
            when used_codes.makes_record and used_codes._held_back then 'held_back'
            when used_codes.makes_record then 'record'
            else 'skipped'
        end as outcome,
        case
            when used_codes.makes_record and used_codes._held_back
                then 'of patients who are held back'
            when used_codes.makes_record then null
            when used_codes.is_a_link_too then 'all who have it have a link of the same name'
            when used_codes.is_omitted then 'sensitive: left out, as migration.yml says'
            when alert_names.code is null then 'names no alert'
            else 'no patient has it'
        end as reason
    from alert_names
    left join used_codes
        on
            alert_names._practice = used_codes._practice
            and alert_names.used_by = used_codes.table_name
            and alert_names.code = used_codes.code
),

{%- set reasons = {
    'no_key': 'no primary key',
    'not_a_patients': 'not attached to a patient',
    'no_document': 'no such document',
    'no_file': 'no file is known of the document',
    'orphan': 'no such patient',
    'duplicate_key': 'the patient has the document already',
} %}

placed_images as (
    select
        images.*,
        coalesce(image_records._held_back, false) as _held_back
    from images
    left join image_records
        on
            images.outcome = 'image'
            and {{ migration_key('images._practice', 'image', 'images.image_id') }}
            = image_records.key
),

attachment_rows as (
    select
        _practice as practice,
        table_name,
        _file as file,
        _line as line,
        case
            when outcome in ('no_key', 'no_document', 'orphan') or _held_back then 'held_back'
            when outcome in ('not_a_patients', 'no_file') then 'skipped'
            when outcome = 'duplicate_key' then 'merged'
            else 'record'
        end as outcome,
        case
            {%- for outcome, reason in reasons.items() %}
            when outcome = '{{ outcome }}' then '{{ reason }}'
            {%- endfor %}
            when _held_back then 'its patient is held back'
        end as reason
    from placed_images
),

used_documents as (
    select
        _practice,
        docid,
        bool_or(outcome = 'image') as makes_record,
        bool_or(outcome = 'orphan') as is_a_strangers,
        bool_or(outcome = 'no_file') as lacks_file,
        bool_and(_held_back) filter (where outcome = 'image') as _held_back
    from placed_images
    where table_name = 'docattach'
    group by _practice, docid
),

documents as (
    select
        _practice,
        _file,
        _line,
        'document' as table_name,
        docid
    from {{ ref('stg_dentrix__document') }}
    union all
    select
        _practice,
        _file,
        _line,
        'document_files' as table_name,
        docid
    from {{ ref('stg_dentrix__document_files') }}
),

document_rows as (
    select
        documents._practice as practice,
        documents.table_name,
        documents._file as file,
        documents._line as line,
        case
            when used_documents.makes_record and not used_documents._held_back then 'record'
            when used_documents.makes_record or used_documents.is_a_strangers then 'held_back'
            else 'skipped'
        end as outcome,
        case
            when used_documents.makes_record and used_documents._held_back
                then 'its patient is held back'
            when used_documents.makes_record then null
            when used_documents.is_a_strangers then 'no such patient'
            when used_documents.lacks_file then 'no file is known of the document'
            when used_documents.docid is null then 'unfiled: attached to nothing'
            else 'not attached to a patient'
        end as reason
    from documents
    left join used_documents
        on
            documents._practice = used_documents._practice
            and documents.docid = used_documents.docid
),

used_categories as (
    select
        documents._practice,
        documents.category_id,
        bool_and(used_documents._held_back) as _held_back
    from {{ ref('stg_dentrix__document') }} as documents
    inner join used_documents
        on
            documents._practice = used_documents._practice
            and documents.docid = used_documents.docid
            and used_documents.makes_record
    where documents.category_id is not null
    group by documents._practice, documents.category_id
),

category_rows as (
    select
        categories._practice as practice,
        'doccat' as table_name,
        categories._file as file,
        categories._line as line,
        case
            when used_categories._held_back then 'held_back'
            when used_categories.category_id is not null then 'record'
            else 'skipped'
        end as outcome,
        case
            when used_categories._held_back then 'of patients who are held back'
            when used_categories.category_id is null then 'no reference has it'
        end as reason
    from {{ ref('stg_dentrix__doccat') }} as categories
    left join used_categories
        on
            categories._practice = used_categories._practice
            and categories.category_id = used_categories.category_id
),

placed_recalls as (
    select
        recall_rows.*,
        coalesce(recalls.is_in_force, true) as stands,
        coalesce(patient_records._held_back, true) as _held_back
    from recall_rows
    left join recalls
        on
            recall_rows._practice = recalls._practice
            and recall_rows.patid = recalls.patid
            and recall_rows.recallid = recalls.recallid
    left join patient_records
        on
            {{ migration_key('recall_rows._practice', 'patient', 'recall_rows.patid') }}
            = patient_records.key
),

recall_outcomes as (
    select
        _practice as practice,
        table_name,
        _file as file,
        _line as line,
        case
            when outcome in ('no_key', 'orphan') or _held_back then 'held_back'
            when outcome = 'duplicate_key' then 'merged'
            when not stands then 'skipped'
            else 'record'
        end as outcome,
        case
            when outcome = 'no_key' then 'no primary key'
            when outcome = 'orphan' then 'no such patient'
            when _held_back then 'its patient is held back'
            when outcome = 'duplicate_key'
                then 'of a merged patient; the survivor has a recall of their own'
            when not stands then 'no longer in force'
        end as reason
    from placed_recalls
),

used_templates as (
    select
        _practice,
        recallid,
        bool_or(stands) as is_in_use,
        bool_and(_held_back) filter (where stands) as _held_back
    from placed_recalls
    where outcome = 'recall'
    group by _practice, recallid
),

template_rows as (
    select
        templates._practice as practice,
        'recalltype' as table_name,
        templates._file as file,
        templates._line as line,
        case
            when templates.recallid is null then 'held_back'
            when used_templates.is_in_use and used_templates._held_back then 'held_back'
            when used_templates.is_in_use then 'record'
            else 'skipped'
        end as outcome,
        case
            when templates.recallid is null then 'no primary key'
            when used_templates.is_in_use and used_templates._held_back
                then 'of patients who are held back'
            when used_templates.is_in_use then null
            when not templates.is_in_force then 'no longer in force'
            else 'no patient has it'
        end as reason
    from {{ ref('int_dentrix__recall_types') }} as templates
    left join used_templates
        on
            templates._practice = used_templates._practice
            and templates.recallid = used_templates.recallid
    where templates.patid is null
),

custom_field_rows as (
    select
        _practice as practice,
        'custom_fields' as table_name,
        _file as file,
        _line as line,
        'skipped' as outcome,
        'kept, and offered as custom fields' as reason
    from {{ ref('stg_dentrix__custom_fields') }}
),

{%- set tables = [
    'link_rows', 'alert_name_rows', 'attachment_rows', 'document_rows', 'category_rows',
    'recall_outcomes', 'template_rows', 'custom_field_rows',
] %}

final as (
    {%- for rows in tables %}
    select practice, table_name, file, line, outcome, reason
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
