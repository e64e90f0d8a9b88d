{#-
    The words of an Ascend field, in capitals: of one word that, of a list of words these, of a list
    of objects their `name`, `type` or `value` (**assumption**: lists of words are what is documented).
    An empty list where there is none.
-#}
{% macro ascend_words(x) -%}
    {{ return(adapter.dispatch('ascend_words')(x)) }}
{%- endmacro %}

{% macro default__ascend_words(x) -%}
    list_filter(
        list_transform(
            case
                when starts_with(ltrim({{ x }}), '[')
                    then coalesce(json_extract_string(try_cast({{ x }} as json), '$[*]'), []::varchar[])
                else [trim({{ x }}, ' "')]
            end,
            lambda w: upper(trim(case
                when starts_with(w, '{') then coalesce(
                    json_extract_string(try_cast(w as json), '$.name'),
                    json_extract_string(try_cast(w as json), '$.type'),
                    json_extract_string(try_cast(w as json), '$.value')
                )
                else w
            end))
        ),
        lambda w: w != ''
    )
{%- endmacro %}
