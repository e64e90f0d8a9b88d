with patients as (
    select * from {{ ref('stg_dental_exec__patients') }}
    where patient_id is not null
),

child_counts as (
    select * from {{ ref('int_dental_exec__patient_child_counts') }}
),

compared as (
    select
        patients._practice,
        patients._file,
        patients._line,
        patients.patient_id,
        patients.responsible_party_id,
        patients.account_no,
        replace({{ normalised_name('patients.last_name') }}, ' ', '') as family_name,
        {{ normalised_name('patients.first_name') }} as given_words,
        patients.birth_date,
        patients.email,
        {{ normalised_name('patients.street') }} as street,
        left(upper(replace(patients.postal_code, ' ', '')), 5) as postal_code,
        {{ comparable_phone('patients.home_phone') }} as home_phone,
        {{ comparable_phone('patients.work_phone') }} as work_phone,
        {{ comparable_phone('patients.mobile_phone') }} as mobile_phone
    from patients
),

-- Dental-Exec knows neither charts nor whose duplicate a patient is.
final as (
    select
        compared._practice,
        compared._file,
        compared._line,
        compared.patient_id as patid,
        try_cast(compared.patient_id as decimal(38, 0)) as patid_number,
        coalesce(child_counts.children, 0) as children,
        compared.responsible_party_id as guarid,
        coalesce(compared.responsible_party_id, compared.patient_id) as guarantor,
        upper(compared.account_no) as account,
        null::varchar as duplicate_of_patid,
        compared.family_name,
        compared.given_words,
        replace(compared.given_words, ' ', '') as given_name,
        compared.birth_date,
        compared.email,
        null::varchar as chart_number,
        compared.street,
        compared.postal_code,
        list_sort(list_distinct(list_filter(
            [compared.home_phone, compared.work_phone, compared.mobile_phone],
            lambda x: x is not null
        ))) as phones
    from compared
    left join child_counts
        on
            compared._practice = child_counts._practice
            and compared.patient_id = child_counts.patient_id
)

select * from final
