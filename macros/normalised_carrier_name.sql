{#-
    A carrier's name as it is compared: `Blue Cross & Blue Shield, Inc.` and `BCBS` are one. In
    this order: compatibility forms and marks off, lower case, `&` to ` and `, all but letters and
    digits to blanks, blanks collapsed, aliases on whole words, trailing company words dropped.

    name: the expression. aliases: an expression giving a list of texts, alias and name parted by
    chr(31), longest alias first. Blanks are doubled while aliases are applied, so that each word has blanks of its own
    and two neighbours can both match.
-#}
{% macro normalised_carrier_name(name, aliases) -%}
    nullif(regexp_replace(
        trim(regexp_replace(
            list_reduce(
                {{ aliases }},
                lambda said, a: replace(
                    said,
                    ' ' || replace(split_part(a, chr(31), 1), ' ', '  ') || ' ',
                    ' ' || replace(split_part(a, chr(31), 2), ' ', '  ') || ' '
                ),
                ' ' || replace({{ plain_words(name) }}, ' ', '  ') || ' '
            ),
            '\s+', ' ', 'g'
        )),
        '( (inc|llc|co|corp|corporation|company|ltd|lp))+$', ''
    ), '')
{%- endmacro %}

{% macro plain_words(text) -%}
    trim(regexp_replace(
        replace(lower({{ without_marks(text) }}), '&', ' and '),
        '[^\p{L}\p{N}]+', ' ', 'g'
    ))
{%- endmacro %}
