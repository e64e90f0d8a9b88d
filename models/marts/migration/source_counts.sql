{%- set read_tables = [
    'patient', 'address', 'provider', 'provider_email', 'staff', 'referral', 'specialty',
    'inscarrier', 'insured', 'aging', 'fullproclog', 'txcase', 'document', 'docattach',
    'hhlinkpat_item', 'proccode', 'payment_type', 'adjustment_type', 'txcase_status', 'claim',
    'transactions', 'patientprocedures', 'practiceprocedures', 'txcases', 'visits',
    'insuranceclaims', 'appt', 'appt_status', 'appt_type', 'appthist', 'operatory',
    'clinicalnote', 'contact', 'appointments', 'operatories', 'clinicalnotes', 'locations',
    'hhitem', 'medalert', 'patientmedicalalerts', 'medicalalerts', 'document_files', 'doccat',
    'documents', 'recalltype', 'recallpending', 'patientrecares', 'custom_fields', 'patients',
    'providers', 'users', 'insurancecarriers', 'carrierinsuranceplans',
    'subscriberinsuranceplans', 'patientinsuranceplans', 'provpat', 'prospects', 'notes', 'docs',
    'tasks', 'txplan', 'txhist', 'billing', 'production', 'claims',
] -%}
with files as (
    select * from {{ ref('stg_migration__files') }}
    where status = 'landed' and landed is not null
),

-- A delta may only remove rows of a table, and hold no file of it.
sets as (
    select
        practice,
        count(distinct set_id) as sets
    from {{ ref('stg_migration__files') }}
    group by practice
),

source_rows as (
    select * from {{ ref('int_dentrix__source_rows') }}
    union all
    select * from {{ ref('int_dental_exec__source_rows') }}
),

landed as (
    select
        practice,
        table_name,
        sum(rows_in_file)::bigint as rows_in_file,
        sum(landed)::bigint as landed,
        sum(rejected)::bigint as rejected
    from files
    group by practice, table_name
),

outcomes as (
    select
        practice,
        table_name,
        count(*) as rows_standing,
        count(*) filter (where outcome = 'record') as records,
        count(*) filter (where outcome = 'merged') as merged,
        count(*) filter (where outcome = 'skipped') as skipped,
        count(*) filter (where outcome = 'held_back') as held_back
    from source_rows
    group by practice, table_name
),

-- Rows that a later delta replaced or removed are no longer there to be counted one by one; a
-- table that no model reads is not read just to count it.
final as (
    select
        landed.practice,
        landed.table_name,
        landed.rows_in_file,
        landed.landed,
        landed.rejected,
        coalesce(outcomes.records, 0) as records,
        coalesce(outcomes.merged, 0) as merged,
        case
            when landed.table_name not in (
                {%- for table in read_tables %}
                '{{ table }}'{{ "," if not loop.last }}
                {%- endfor %}
            ) then landed.landed
            when sets.sets > 1
                then
                    coalesce(outcomes.skipped, 0)
                    + landed.landed - coalesce(outcomes.rows_standing, 0)
            else coalesce(outcomes.skipped, 0)
        end as skipped,
        coalesce(outcomes.held_back, 0) as held_back
    from landed
    left join sets on landed.practice = sets.practice
    left join outcomes
        on
            landed.practice = outcomes.practice
            and landed.table_name = outcomes.table_name
)

select * from final
