{#-
    The id an Ascend field names: of a reference (`{"id": …, "type": …, "url": …}`) its id, of a
    bare id that. Null where there is none.
-#}
{% macro ascend_id(x) -%}
    {{ return(adapter.dispatch('ascend_id')(x)) }}
{%- endmacro %}

{% macro default__ascend_id(x) -%}
    {{ id_or_null(
        "case when starts_with(ltrim(" ~ x ~ "), '{') then json_extract_string(try_cast(" ~ x ~ " as json), '$.id')"
        ~ " else trim(" ~ x ~ ", ' \"') end"
    ) }}
{%- endmacro %}
