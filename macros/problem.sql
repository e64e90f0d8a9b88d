{#-
    What is found wrong with a row, as one type everywhere: the Salesforce field it touches (null:
    the whole row), the class, the raw value, whether the row is held back, what to do, and the
    line of the source where to do it (null: the row's own).
-#}
{% macro problem_type() -%}
    struct(field varchar, class varchar, "value" varchar, held_back boolean, action varchar, file varchar, line bigint)
{%- endmacro %}

{% macro problem(class, field=none, value='null', held_back=false, action=none, file='null', line='null') -%}
    struct_pack(
        field := {{ "'" ~ field ~ "'" if field else 'null::varchar' }},
        class := '{{ class }}',
        "value" := ({{ value }})::varchar,
        held_back := {{ held_back }},
        action := '{{ (action or problem_action(class)) | replace("'", "''") }}',
        file := ({{ file }})::varchar,
        line := ({{ line }})::bigint
    )
{%- endmacro %}

{#- The list of those problems whose condition holds: pairs of (condition, problem). -#}
{% macro problems(pairs) -%}
    list_filter([
        {%- for condition, found in pairs %}
        case when {{ condition }} then {{ found }} end{{ "," if not loop.last }}
        {%- endfor %}
    ]::{{ problem_type() }}[], lambda x: x is not null)
{%- endmacro %}

{% macro no_problems() -%}
    []::{{ problem_type() }}[]
{%- endmacro %}

{% macro problem_action(class) -%}
    {%- set actions = {
        'missing_required': 'Fill in the missing value in the source.',
        'too_long': 'Shorten the value in the source.',
        'not_in_picklist': 'Correct the value, or add the word to the value map in seeds/maps.',
        'unreadable_date': 'Correct the date in the source.',
        'unreadable_number': 'Correct the number in the source.',
        'out_of_range': 'Correct the value in the source: it is outside what can be true.',
        'invalid_email': 'Correct the e-mail address in the source.',
        'invalid_code': 'Correct the code, or add it to the codes known.',
        'orphan': 'Correct the reference in the source: what it names is not in the export.',
        'parent_held_back': 'Correct the record it belongs to; this one then follows.',
        'duplicate_key': 'Remove one of the two in the source.',
        'possible_duplicate': 'Decide in seeds/maps/patient_merges.csv: merge or keep.',
        'unmatched_user': 'Create the Salesforce user, or correct the e-mail address.',
        'ambiguous_match': 'Decide in Salesforce which record is the right one.',
        'file_missing': 'Export the file again, or name it in export.yml.',
        'file_refused': 'See the reason; supply the file again.',
        'adjusted': 'Nothing, unless the changed value is wrong.',
        'unreadable_line': 'Correct the line in the file, or export it again.',
        'repeated_line': 'Nothing: the line counts once.',
    } -%}
    {%- if class not in actions -%}
        {{ exceptions.raise_compiler_error("No such class of problem: " ~ class) }}
    {%- endif -%}
    {{ actions[class] }}
{%- endmacro %}
