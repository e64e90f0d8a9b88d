{#- A name written `Last, First` the way it is said, in title case where it was all in one case. -#}
{% macro person_name_of(x) -%}
    case
        when position(',' in {{ x }}) > 0
            then nullif(concat_ws(
                ' ',
                {{ proper_name("substr(" ~ x ~ ", position(',' in " ~ x ~ ") + 1)") }},
                {{ proper_name("left(" ~ x ~ ", position(',' in " ~ x ~ ") - 1)") }}
            ), '')
        else {{ proper_name(x) }}
    end
{%- endmacro %}
