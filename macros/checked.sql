{#-
    The last step of every mart: holds each row against what the mart's YAML says of its columns
    (required, length, picklist, e-mail, range, lookup), empties what is to be left out, and says
    what it found.

    shaped: the name of a CTE with the public columns, `_practice`, `_file`, `_line`, `_found`,
    and what the mart's YAML lists of `_adopt_id` (the org's record that the row takes over),
    `_supersedes` (the key that its record had in the step this one supersedes), `_sha256` and
    `_bytes` (the hash and size of the file it sends). parents: the relations its lookups point at;
    dbt sees a ref only where it is written, so they cannot be taken from the metadata. custom: the
    relation with the records' confirmed custom fields, where it is another than that of all steps.

    Gives the public columns, `_practice`, `_file`, `_line`, those of the four that are listed,
    `_problems`, `_held_back`, `_custom` (custom fields by API name, null where there are none), and
    `_row_hash` over the public columns, `_custom` and `_sha256`: a file with other bytes is another
    record to send.
-#}
{% macro checked(shaped, parents=[], custom=none) -%}
{%- set custom = ref('int_shared__custom_values') if custom is none else custom -%}
{%- if not execute or not model.columns -%}
    select * from {{ shaped }}
{%- else -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() if not column.name.startswith('_') -%}
        {%- do columns.append(checked_column(column, parents, loop.index)) -%}
    {%- endfor -%}
    {%- set passed = ['_adopt_id', '_supersedes', '_sha256', '_bytes'] | select('in', model.columns) | list -%}
    {%- set hashed = columns | map(attribute='name') | list + passed | select('equalto', '_sha256') | list %}
    select
        *,
        len(list_filter(_problems, lambda x: x.held_back)) > 0 as _held_back,
        {{ row_hash(hashed, also=['_custom']) }} as _row_hash
    from (
        select
            {%- for c in columns %}
            {{ c.kept }} as {{ c.quoted }},
            {%- endfor %}
            s._practice,
            s._file,
            s._line,
            {%- for column in passed %}
            s.{{ column }},
            {%- endfor %}
            own.custom as _custom,
            list_concat(
                {{ held_where_required(columns) }},
                coalesce(own.found, {{ no_problems() }}),
                {{ problems(columns | map(attribute='pairs') | sum(start=[])) }}
            ) as _problems
        from {{ shaped }} as s
        left join {{ custom }} as own
            on own.step = '{{ model.name }}' and own.key = s."Migration_Key__c"
        {%- for c in columns if c.join %}
        {{ c.join }}
        {%- endfor %}
    ) as c
{%- endif -%}
{%- endmacro %}

{#- One column's part of `checked`: the expression that arrives, its problems, its parent's join. -#}
{% macro checked_column(column, parents, position) -%}
    {%- set meta = column.config.meta.get('salesforce', {}) -%}
    {%- set quoted = '"' ~ column.name ~ '"' -%}
    {%- set value = 's.' ~ quoted -%}
    {%- set pairs = [] -%}
    {%- set emptied = [] -%}
    {%- set join = none -%}
    {#- What must be there cannot be left out: a bad value then holds the row back. -#}
    {%- set holds = meta.get('required', false) or meta.get('hold', false) -%}
    {%- set already = "list_contains(list_transform(s._found, lambda x: x.field), '" ~ column.name ~ "')" -%}
    {%- set blank = blank_value(value, column.data_type) -%}

    {%- if meta.get('required') -%}
        {%- do pairs.append((
            blank ~ " and not " ~ already,
            problem('missing_required', column.name, held_back=true),
        )) -%}
    {%- endif -%}

    {%- if meta.get('lookup') -%}
        {%- set parent = parents | selectattr('identifier', 'equalto', meta.lookup) | first -%}
        {%- if not parent -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ ": " ~ column.name ~ " looks up " ~ meta.lookup
                ~ ", which is not among checked()'s parents") }}
        {%- endif -%}
        {%- set p = 'p' ~ position -%}
        {%- set join = 'left join ' ~ parent ~ ' as ' ~ p ~ ' on ' ~ p ~ '."Migration_Key__c" = ' ~ value -%}
        {%- set missing = value ~ ' is not null and ' ~ p ~ '."Migration_Key__c" is null' -%}
        {%- set held = p ~ '._held_back' -%}
        {%- do pairs.append((missing ~ " and not " ~ already, problem('orphan', column.name, value, holds))) -%}
        {%- do pairs.append((held, problem('parent_held_back', column.name, value, holds))) -%}
        {%- do emptied.append(missing) -%}
        {%- do emptied.append('coalesce(' ~ held ~ ', false)') -%}
    {%- elif meta.get('length') and column.data_type == 'varchar' -%}
        {%- set long = utf16_length(value) ~ ' > ' ~ meta.length -%}
        {%- do pairs.append((long, problem('too_long', column.name, value, holds))) -%}
        {%- do emptied.append(long) -%}
    {%- endif -%}

    {%- if meta.get('restricted') -%}
        {%- set stranger = value ~ " not in ('"
            ~ meta.get('values') | map('replace', "'", "''") | join("', '") ~ "')" -%}
        {%- do pairs.append((stranger, problem('not_in_picklist', column.name, value, holds))) -%}
        {%- do emptied.append(stranger) -%}
    {%- endif -%}
    {%- if meta.get('type') == 'Email' -%}
        {%- set invalid = value ~ ' is not null and (' ~ valid_email(value) ~ ') is null' -%}
        {%- do pairs.append((invalid, problem('invalid_email', column.name, value, holds))) -%}
        {%- do emptied.append(invalid) -%}
    {%- endif -%}
    {%- if meta.get('precision') -%}
        {%- set beyond = 'abs(' ~ value ~ ') >= 1e' ~ (meta.precision - meta.get('scale', 0)) -%}
        {%- do pairs.append((beyond, problem('out_of_range', column.name, value, holds))) -%}
        {%- do emptied.append(beyond) -%}
    {%- endif -%}

    {%- set kept = value if holds or not emptied
        else 'case when ' ~ emptied | join(' or ') ~ ' then null else ' ~ value ~ ' end' -%}
    {{ return({
        'name': column.name, 'quoted': quoted, 'kept': kept, 'pairs': pairs, 'join': join,
        'required': meta.get('required', false), 'blank': blank,
    }) }}
{%- endmacro %}

{% macro blank_value(value, data_type) -%}
    {%- if data_type == 'varchar' -%}
        coalesce(trim({{ value }}), '') = ''
    {%- else -%}
        {{ value }} is null
    {%- endif -%}
{%- endmacro %}

{#-
    What staging and intermediate found, held back where it left a required column empty: an
    unreadable date is one problem, not also a missing one.
-#}
{% macro held_where_required(columns) -%}
    {%- set required = columns | selectattr('required') | list -%}
    {%- if not required -%}
        coalesce(s._found, {{ no_problems() }})
    {%- else -%}
        list_transform(coalesce(s._found, {{ no_problems() }}), lambda x: struct_pack(
            field := x.field,
            class := x.class,
            "value" := x."value",
            held_back := x.held_back
                {%- for c in required %}
                or (x.field = '{{ c.name }}' and {{ c.blank }})
                {%- endfor %},
            action := x.action,
            file := x.file,
            line := x.line
        ))
    {%- endif -%}
{%- endmacro %}
