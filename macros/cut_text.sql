{#-
    A text cut to what its field takes, `length` as Salesforce counts it: most emoji are two of its
    characters, so that a text full of them is cut to half.
-#}
{% macro cut_text(x, length) -%}
    case
        when {{ utf16_length(x) }} <= {{ length }} then {{ x }}
        when {{ utf16_length('left(' ~ x ~ ', ' ~ length ~ ')') }} <= {{ length }}
            then trim(left({{ x }}, {{ length }}))
        else trim(left({{ x }}, {{ length // 2 }}))
    end
{%- endmacro %}
