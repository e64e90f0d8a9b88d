with templates as (
    select * from {{ ref('int_dentrix__recall_types') }}
    where patid is null and recallid is not null
),

-- What is the patient's own, of the due date's row and of the rule's, side by side.
own as (
    select
        _practice,
        patid,
        recallid,
        {%- for column in ('name', 'quantity', 'unit', 'provider_type') %}
        max({{ column }}) as {{ column }},
        {%- endfor %}
        bool_and(is_in_force) as is_in_force,
        max(due_date) filter (where is_open) as due_date,
        bool_or(table_name != 'recallpending') as has_own_rule,
        min_by(_file, table_name != 'recalltype') as _file,
        min_by(_line, table_name != 'recalltype') as _line
    from {{ ref('int_dentrix__recall_rows') }}
    where outcome = 'recall'
    group by _practice, patid, recallid
),

ruled as (
    select
        own._practice,
        own.patid,
        own.recallid,
        own._file,
        own._line,
        own.due_date,
        own.has_own_rule,
        own.has_own_rule or templates.recallid is not null as is_known,
        coalesce(own.is_in_force, templates.is_in_force, true) as is_in_force,
        coalesce(own.name, templates.name) as name,
        {{ interval_text(
            'coalesce(own.quantity, templates.quantity)', 'coalesce(own.unit, templates.unit)'
        ) }} as "interval",
        coalesce(own.provider_type, templates.provider_type) as provider_type
    from own
    left join templates
        on own._practice = templates._practice and own.recallid = templates.recallid
),

final as (
    select
        *,
        {{ recall_rule('name', '"interval"', 'provider_type') }} as rule
    from ruled
)

select * from final
