{#-
    The teeth of an Ascend procedure as a list of names (`14`, `A`), as written. Each stands bare
    or as an object that bears it under one of a few names (**assumption**: the shape of
    `procedureTeeth` is not public).
-#}
{% macro ascend_teeth(x) -%}
    {{ return(adapter.dispatch('ascend_teeth')(x)) }}
{%- endmacro %}

{% macro default__ascend_teeth(x) -%}
    list_filter(
        list_transform(
            coalesce(json_extract(try_cast({{ x }} as json), '$[*]'), []),
            lambda tooth: nullif(upper(trim(coalesce(
                json_extract_string(tooth, '$.tooth'),
                json_extract_string(tooth, '$.toothNumber'),
                json_extract_string(tooth, '$.number'),
                json_extract_string(tooth, '$.name'),
                json_extract_string(tooth, '$')
            ))), '')
        ),
        lambda tooth: tooth is not null
    )
{%- endmacro %}
