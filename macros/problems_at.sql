{#-
    Problems of another row than the record's main one, each with the line it stands on, so that
    the correction report names that line.
-#}
{% macro problems_at(found, file, line) -%}
    list_transform({{ found }}, lambda x: struct_pack(
        field := x.field,
        class := x.class,
        "value" := x."value",
        held_back := x.held_back,
        action := x.action,
        file := coalesce(x.file, {{ file }}),
        line := coalesce(x.line, {{ line }})
    ))
{%- endmacro %}
