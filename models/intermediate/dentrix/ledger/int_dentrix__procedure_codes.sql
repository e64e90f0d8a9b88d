with categories as (
    select * from {{ ref('cdt_categories') }}
),

practice_codes as (
    select
        _practice,
        proccodeid as code_id,
        code,
        description
    from {{ ref('stg_dentrix__proccode') }}
    where proccodeid is not null
    union all
    select
        _practice,
        practice_procedure_id as code_id,
        code,
        description
    from {{ ref('stg_dentrix_ascend__practiceprocedures') }}
    where practice_procedure_id is not null
),

-- What a practice has in its own table is known; it is a CDT code where it looks like one and
-- falls into a category. Ranges do not overlap, so a code falls into one at most.
final as (
    select
        practice_codes._practice,
        practice_codes.code_id,
        coalesce(practice_codes.code, practice_codes.code_id) as source_code,
        {{ cdt_code('practice_codes.code', 'categories.category') }} as cdt_code,
        practice_codes.description
    from practice_codes
    left join categories
        on practice_codes.code between categories.first_code and categories.last_code
)

select * from final
