{#- Dental-Exec has no table of codes: what falls into a category of CDT counts as known. -#}
with written as (
    select source_code
    from {{ ref('stg_dental_exec__txplan') }}
    where source_code is not null
    union
    select source_code
    from {{ ref('stg_dental_exec__txhist') }}
    where source_code is not null
),

categories as (
    select * from {{ ref('cdt_categories') }}
),

-- Ranges do not overlap, so a code falls into one at most.
final as (
    select
        written.source_code,
        {{ cdt_code('written.source_code', 'categories.category') }} as cdt_code
    from written
    left join categories
        on written.source_code between categories.first_code and categories.last_code
)

select * from final
