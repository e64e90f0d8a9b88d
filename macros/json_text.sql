{#- The text at a path (`$.storage.original`) of JSON; null where there is none, or no JSON. -#}
{% macro json_text(x, path) -%}
    {{ return(adapter.dispatch('json_text')(x, path)) }}
{%- endmacro %}

{% macro default__json_text(x, path) -%}
    {{ clean_text("json_extract_string(try_cast(" ~ x ~ " as json), '" ~ path ~ "')") }}
{%- endmacro %}

{#- The texts at a path that matches several (`$.names[*]`), as a list; empty where there are none. -#}
{% macro json_texts(x, path) -%}
    {{ return(adapter.dispatch('json_texts')(x, path)) }}
{%- endmacro %}

{% macro default__json_texts(x, path) -%}
    coalesce(
        list_filter(
            list_transform(
                json_extract(try_cast({{ x }} as json), '{{ path }}'),
                lambda x: case when json_type(x) = 'VARCHAR' then x ->> '$' end
            ),
            lambda x: x is not null
        ),
        []::varchar[]
    )
{%- endmacro %}
