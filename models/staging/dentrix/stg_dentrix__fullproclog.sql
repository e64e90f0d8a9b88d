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

-- What is asked more than one thing of is read once.
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
        *,
        {{ parse_date('procdate', read='procedure_read') }} as procedure_date,
        {{ parse_date('createdate', read='entry_read') }} as entry_date,
        {{ parse_date('completiondate', read='completion_read') }} as completion_date,
        case
            when last_tooth is null or last_tooth = first_tooth
                then {{ dentrix_tooth('first_tooth') }}
            -- A range stays within the permanent teeth or within the primary ones.
            when first_tooth < last_tooth and (last_tooth <= 32 or first_tooth > 32)
                then {{ dentrix_tooth('first_tooth') }} || '-' || {{ dentrix_tooth('last_tooth') }}
        end as tooth,
        coalesce(
            first_tooth between 6 and 11 or first_tooth between 22 and 27
            or first_tooth between 35 and 40 or first_tooth between 45 and 50,
            false
        ) as is_anterior
    from read
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
        nullif(
            case when is_surfm then 'M' else '' end
            || case when is_surfo then case when is_anterior then 'I' else 'O' end else '' end
            || case when is_surfd then 'D' else '' end
            || case when is_surff then case when is_anterior then 'F' else 'B' end else '' end
            || case when is_surfl then 'L' else '' end
            || case when is_surf5 then '5' else '' end,
            ''
        ) as surface,
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
                    'chart_status = 90 and coalesce(log_class not in (0, 1, 2, 3, 7, 9), true)',
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
