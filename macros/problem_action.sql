{#- What to do about a class of problem, where nothing more exact is said. -#}
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
