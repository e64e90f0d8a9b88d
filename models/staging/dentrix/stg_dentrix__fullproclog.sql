with source as (
    select
        procid,
        patid,
        guarid,
        chartstatus,
        proclogclass,
        proclogorder,
        procdate,
        createdate,
        completiondate,
        proccodeid,
        amt,
        provid,
        toothrangestart,
        toothrangeend,
        surfm,
        surfo,
        surfd,
        surff,
        surfl,
        surf5,
        surfacestring,
        txcaseid,
        checknum,
        _practice,
        _file,
        _line,
        _set
    from {{ source('raw_dentrix', 'fullproclog') }}
),

practices as (
    select practice
    from {{ ref('stg_migration__practices') }}
),

-- What is asked more than one thing of is read once: the join keeps what is read apart from what is
-- asked of it, which DuckDB would otherwise work out anew for each question.
read as (
    select
        *,
        {{ parse_integer('chartstatus') }} as chart_status,
        {{ parse_integer('proclogclass') }} as log_class,
        {{ parse_money('amt') }} as amount,
        {{ read_timestamp('procdate') }} as procedure_read,
        {{ read_timestamp('createdate') }} as entry_read,
        {{ read_timestamp('completiondate') }} as completion_read,
        nullif({{ parse_integer('toothrangestart') }}, 0) as first_tooth,
        nullif({{ parse_integer('toothrangeend') }}, 0) as last_tooth,
        {%- for flag in ('surfm', 'surfo', 'surfd', 'surff', 'surfl', 'surf5') %}
        {{ dentrix_surface_flag(flag) }} as is_{{ flag }},
        {%- endfor %}
        upper({{ clean_text('surfacestring') }}) as surface_text
    from source
),

judged as (
    select
        read.*,
        {{ parse_date('procdate', read='procedure_read') }} as procedure_date,
        {{ parse_date('createdate', read='entry_read') }} as entry_date,
        {{ parse_date('completiondate', read='completion_read') }} as completion_date,
        {{ tooth_name('first_tooth', last='last_tooth') }} as tooth,
        {{ is_anterior_tooth('first_tooth') }} as is_anterior
    from read
    left join practices on read._practice = practices.practice
),

final as (
    select
        _practice,
        _file,
        _line,
        _set,

        -- what it is
        {{ id_or_null('procid') }} as procid,
        chart_status,
        log_class,
        {{ id_or_null('proclogorder') }} as log_type_id,
        {{ clean_text('checknum') }} as check_number,
        amount,

        -- whose it is
        {{ id_or_null('patid') }} as patid,
        {{ id_or_null('guarid') }} as guarid,
        {{ id_or_null('provid') }} as provider_id,
        {{ id_or_null('txcaseid') }} as txcaseid,

        -- when
        procedure_date,
        entry_date,
        completion_date,
        -- What cannot be read is not the same as nothing there.
        coalesce(completion_date is null and not {{ is_no_date('completiondate', 'completion_read') }}, false)
            as completion_is_unreadable,

        -- what was done, and where
        {{ id_or_null('proccodeid') }} as proccodeid,
        tooth,
        {{ surface_letters(
            {
                'M': 'is_surfm', 'O': 'is_surfo', 'D': 'is_surfd', 'B': 'is_surff', 'L': 'is_surfl',
                '5': 'is_surf5',
            },
            'is_anterior',
        ) }} as surface,
        case
            when first_tooth is null and surface_text in ('UR', 'UL', 'LL', 'LR') then surface_text
        end as quadrant,

        -- A row makes up to two records: these name the source's columns, see problems_as.
        {{ problems(
            date_problems('procdate', 'procedure_date', 'procedure_read', 'procdate')
            + date_problems('createdate', 'entry_date', 'entry_read', 'createdate')
            + date_problems('completiondate', 'completion_date', 'completion_read', 'completiondate')
            + number_problems('amt', 'amount', 'amt')
            + [
                (
                    'chart_status = 90 and coalesce(log_class not between 0 and 3 and log_class not in (7, 9), true)',
                    problem('not_in_picklist', 'proclogclass', 'proclogclass'),
                ),
                (
                    '(coalesce(first_tooth, last_tooth) is not null and tooth is null)'
                    ~ ' or (first_tooth is null and ' ~ dentrix_is_no_tooth('toothrangestart') ~ ' is false)'
                    ~ ' or (last_tooth is null and ' ~ dentrix_is_no_tooth('toothrangeend') ~ ' is false)',
                    problem(
                        'out_of_range', 'tooth',
                        "concat_ws('-', " ~ clean_text('toothrangestart') ~ ", "
                        ~ clean_text('toothrangeend') ~ ")",
                    ),
                ),
                (
                    'is_surfm is null or is_surfo is null or is_surfd is null'
                    ~ ' or is_surff is null or is_surfl is null or is_surf5 is null',
                    problem(
                        'out_of_range', 'surface',
                        "concat_ws(',', surfm, surfo, surfd, surff, surfl, surf5)",
                    ),
                ),
            ]
        ) }} as _found
    from judged
)

select * from final
