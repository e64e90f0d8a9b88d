with recalls as (
    select
        _practice,
        patid,
        rule,
        min(due_date) as due_date,
        min(struct_pack(file := _file, line := _line)) as place
    from {{ ref('int_dentrix__patient_recalls') }}
    where is_in_force
    group by _practice, patid, rule
),

-- How long the text is with this rule at its end.
measured as (
    select
        *,
        sum({{ utf16_length('rule') }} + 2) over as_joined - 2 as length_so_far,
        row_number() over as_joined as place_in_text
    from recalls
    where rule is not null
    window as_joined as (partition by _practice, patid order by due_date nulls last, lower(rule), rule)
),

texts as (
    select
        _practice,
        patid,
        string_agg(rule, '; ' order by place_in_text) filter (where length_so_far <= 255)
            as recall_rule,
        list({{ problem(
            'too_long', 'Recall_Rule__c', 'rule', file='place.file', line='place.line',
            action='Shorten the names in the source: the rules before it fill the field.',
        ) }} order by place_in_text) filter (where length_so_far > 255) as _found
    from measured
    group by _practice, patid
),

due as (
    select
        _practice,
        patid,
        min(due_date) as next_recall_date
    from recalls
    group by _practice, patid
),

final as (
    select
        due._practice,
        due.patid,
        texts.recall_rule,
        due.next_recall_date,
        coalesce(texts._found, {{ no_problems() }}) as _found
    from due
    left join texts on due._practice = texts._practice and due.patid = texts.patid
)

select * from final
