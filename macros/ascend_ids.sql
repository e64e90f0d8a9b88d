{#- The ids that a list of an Ascend field names: of references their ids, of bare ids those. -#}
{% macro ascend_ids(x) -%}
    {{ return(adapter.dispatch('ascend_ids')(x)) }}
{%- endmacro %}

{% macro default__ascend_ids(x) -%}
    list_filter(
        list_transform(
            coalesce(json_extract(try_cast({{ x }} as json), '$[*]'), []),
            lambda reference: {{ id_or_null(
                "coalesce(json_extract_string(reference, '$.id'), json_extract_string(reference, '$'))"
            ) }}
        ),
        lambda id: id is not null
    )
{%- endmacro %}
