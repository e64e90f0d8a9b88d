{%- set g_series_tables = [
    'patient', 'address', 'provider', 'staff', 'provider_email', 'referral', 'operatory',
    'specialty', 'appt', 'appt_status', 'appt_type', 'appthist', 'fullproclog', 'proccode',
    'payment_type', 'adjustment_type', 'txcase', 'txcase_status', 'clinicalnote', 'inscarrier',
    'insured', 'claim', 'aging', 'recalltype', 'recallpending', 'medalert', 'hhitem',
    'hhlinkpat_item', 'document', 'docattach', 'document_files', 'doccat', 'contact',
    'custom_fields',
] -%}
{%- set ascend_tables = [
    'patients', 'appointments', 'providers', 'operatories', 'patientprocedures',
    'practiceprocedures', 'txcases', 'visits', 'clinicalnotes', 'insurancecarriers',
    'carrierinsuranceplans', 'subscriberinsuranceplans', 'patientinsuranceplans', 'insuranceclaims',
    'transactions', 'patientrecares', 'documents', 'patientmedicalalerts', 'medicalalerts',
    'locations', 'users',
] -%}
{%- set dental_exec_tables = [
    'patients', 'providers', 'provpat', 'appointments', 'txplan', 'txhist', 'tasks', 'production',
    'notes', 'docs', 'billing', 'claims', 'prospects', 'users',
] -%}
with g_series as (
    select * from ({{ filled_columns('dentrix', g_series_tables) }})
),

ascend as (
    select * from ({{ filled_columns('ascend', ascend_tables) }})
),

dental_exec as (
    select * from ({{ filled_columns('dental_exec', dental_exec_tables) }})
),

final as (
    select practice, 'g_series' as product, table_name, column_name, filled, total
    from g_series
    union all
    select practice, 'ascend' as product, table_name, column_name, filled, total
    from ascend
    union all
    select practice, 'dental_exec' as product, table_name, column_name, filled, total
    from dental_exec
)

select * from final
