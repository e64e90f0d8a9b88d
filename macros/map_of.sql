{#-
    A group's rows as a map, in the order of its keys; rows without a value, or for which `where`
    does not hold, are not in it. Null where nothing is.
-#}
{% macro map_of(key, value, where='true') -%}
    {{ return(adapter.dispatch('map_of')(key, value, where)) }}
{%- endmacro %}

{% macro default__map_of(key, value, where) -%}
    map_from_entries(
        list(struct_pack(k := {{ key }}, v := {{ value }}) order by {{ key }})
            filter (where {{ value }} is not null and {{ where }})
    )
{%- endmacro %}
