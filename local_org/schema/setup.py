"""The setup's own objects: which custom objects and fields there are, whoever may see them.

Tooling API, CustomObject and CustomField; their rows are what was deployed.
"""

from __future__ import annotations

import duckdb

from local_org.ids import id_sql
from local_org.schema.model import Field, Schema, SObject

# Ids are made of names: a deploy writes its rows anew, and a component keeps its Id.
NUMBERS = 62**6


def _text(name: str, length: int) -> Field:
    return Field(name, name, "string", length=length, nillable=True)


def _setup_object(name: str, label: str, prefix: str, *fields: Field) -> SObject:
    found = Field("Id", "Id", "id", length=18, defaulted=True)
    common = (_text("DeveloperName", 80), _text("NamespacePrefix", 15))
    return SObject(
        name,
        label,
        f"{label}s",
        prefix,
        (found, *common, *fields),
        createable=False,
        updateable=False,
        deletable=False,
        bulk=False,
    )


SETUP = Schema(
    {
        "customobject": _setup_object("CustomObject", "Custom Object", "01I"),
        "customfield": _setup_object(
            # A standard object's name, or the Id of a custom one: in either length, as Ids are.
            *("CustomField", "Custom Field", "00N"),
            Field("TableEnumOrId", "TableEnumOrId", "reference", length=40, nillable=True),
        ),
    }
)


def ensure_views(cursor: duckdb.DuckDBPyConnection, pod: str) -> None:
    """Show what was deployed as the rows of the setup's objects."""
    own, object_id = (
        id_sql(prefix, pod, f"(hash({key}) % {NUMBERS})::bigint")
        for prefix, key in (("00N", "concat(f.object, '.', f.name)"), ("01I", "o.name"))
    )
    bare = "regexp_replace({}.name, '__c$', '')"
    cursor.execute(
        f"""create or replace view data."CustomObject" as
        select {object_id} as "Id", {bare.format("o")} as "DeveloperName",
            null::varchar as "NamespacePrefix" from org.custom_objects o"""
    )
    cursor.execute(
        f"""create or replace view data."CustomField" as
        select {own} as "Id", {bare.format("f")} as "DeveloperName",
            null::varchar as "NamespacePrefix",
            case when o.name is null then f.object else {object_id} end as "TableEnumOrId"
        from org.custom_fields f left join org.custom_objects o on o.name = f.object"""
    )
