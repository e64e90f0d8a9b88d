with patients as (
    select * from {{ ref('int_dentrix__patient_rows') }}
    where patid is not null
),

addresses as (
    select
        _practice,
        address_id,
        {{ normalised_name('street') }} as street,
        left(upper(replace(postal_code, ' ', '')), 5) as postal_code,
        {{ comparable_phone('home_phone') }} as home_phone
    from {{ ref('int_dentrix__address_rows') }}
),

child_counts as (
    select * from {{ ref('int_dentrix__patient_child_counts') }}
),

compared as (
    select
        patients._practice,
        patients._file,
        patients._line,
        patients.patid,
        patients.guarid,
        patients.duplicate_of_patid,
        coalesce(patients.guarid, patients.patid) as guarantor,
        replace({{ normalised_name('patients.last_name') }}, ' ', '') as family_name,
        {{ normalised_name('patients.first_name') }} as given_words,
        patients.birth_date,
        patients.email,
        -- Nothing but zeros is how some practices write that there is no chart.
        case
            when replace(patients.chart_number, '0', '') != ''
                then upper(patients.chart_number)
        end as chart_number,
        patients.address_id,
        {{ comparable_phone('patients.work_phone') }} as work_phone,
        {{ comparable_phone('patients.mobile_phone') }} as mobile_phone,
        {{ comparable_phone('patients.other_phone') }} as other_phone
    from patients
),

final as (
    select
        compared._practice,
        compared._file,
        compared._line,
        compared.patid,
        try_cast(compared.patid as decimal(38, 0)) as patid_number,
        coalesce(child_counts.children, 0) as children,
        compared.guarid,
        compared.guarantor,
        null::varchar as account,
        compared.duplicate_of_patid,
        compared.family_name,
        compared.given_words,
        replace(compared.given_words, ' ', '') as given_name,
        compared.birth_date,
        compared.email,
        compared.chart_number,
        addresses.street,
        addresses.postal_code,
        list_sort(list_distinct(list_filter(
            [
                addresses.home_phone,
                compared.work_phone,
                compared.mobile_phone,
                compared.other_phone
            ],
            lambda x: x is not null
        ))) as phones
    from compared
    left join child_counts
        on compared._practice = child_counts._practice and compared.patid = child_counts.patid
    left join addresses
        on
            compared._practice = addresses._practice
            and compared.address_id = addresses.address_id
)

select * from final
