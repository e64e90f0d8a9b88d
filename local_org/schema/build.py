"""Puts the org's schema together: standard objects, what was deployed, and who may see what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from local_org.schema.model import Field, Schema, SObject, field_from_json
from local_org.schema.places import with_codes
from local_org.schema.standard import standard_objects
from local_org.store import fetch
from local_org.switches import Switches, read_switches

ACTIVITIES = ("Event", "Task")
AUDITED = ("Account", "Contact", "Lead", "Event", "Task", "Opportunity", "ContentVersion")
AUDIT_FIELDS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")
# The lookups by which files stand on any record.
FILE_LOOKUPS = {"ContentVersion": "FirstPublishLocationId", "ContentDocumentLink": "LinkedEntityId"}


@dataclass(frozen=True)
class Grants:
    """What the running user's permission sets give: per object and field, whether to edit."""

    fields: Mapping[tuple[str, str], bool]


def activity_field(object_name: str) -> str:
    """Give the object whose custom fields these are: Event and Task share Activity's."""
    return "Activity" if object_name in ACTIVITIES else object_name


def load_schema(cursor: duckdb.DuckDBPyConnection) -> Schema:
    """Read the whole schema: standard objects and everything deployed."""
    sets = fetch(cursor.execute("from org.value_sets"))
    value_sets = {row["name"]: tuple(json.loads(row["definition"])) for row in sets}
    deployed: dict[str, list[Field]] = {}
    for row in fetch(cursor.execute("from org.custom_fields order by rowid")):
        item = field_from_json(json.loads(row["definition"]))
        if item.value_set:
            item = replace(item, values=value_sets[item.value_set])
        deployed.setdefault(row["object"], []).append(item)
    objects = {
        name: replace(each, fields=(*each.fields, *deployed.get(activity_field(each.name), [])))
        for name, each in standard_objects().items()
    }
    for row in fetch(cursor.execute("from org.custom_objects order by rowid")):
        made = custom_object(json.loads(row["definition"]), deployed.get(row["name"], []))
        objects[made.name.lower()] = made
    hosts = tuple(each.name for each in objects.values() if each.custom and each.activities)
    for name in ACTIVITIES:
        objects[name.lower()] = _with_hosts(objects[name.lower()], "WhatId", hosts)
    custom = tuple(each.name for each in objects.values() if each.custom)
    for name, lookup in FILE_LOOKUPS.items():
        objects[name.lower()] = _with_hosts(objects[name.lower()], lookup, custom)
    switches = read_switches(cursor)
    return Schema({name: _switched(each, switches) for name, each in objects.items()}, value_sets)


def _switched(target: SObject, switches: Switches) -> SObject:
    """Give the object with what the org's features add to it."""
    if switches.state_country_picklists:
        target = with_codes(target)
    if switches.set_audit_fields and (target.custom or target.name in AUDITED):
        fields = (
            replace(item, createable=True) if item.name in AUDIT_FIELDS else item
            for item in target.fields
        )
        target = replace(target, fields=tuple(fields))
    return target


def _with_hosts(target: SObject, lookup: str, hosts: tuple[str, ...]) -> SObject:
    fields = (
        replace(item, reference_to=item.reference_to + hosts) if item.name == lookup else item
        for item in target.fields
    )
    return replace(target, fields=tuple(fields))


def custom_object(definition: Mapping[str, Any], fields: Iterable[Field]) -> SObject:
    """Give a deployed object with the fields every custom object has."""
    name_field = definition["name_field"]
    auto = name_field["type"] == "AutoNumber"
    name = Field(
        name="Name",
        label=name_field["label"],
        type="string",
        length=80,
        nillable=False,
        createable=not auto,
        updateable=not auto,
        defaulted=auto,
        id_lookup=True,
        name_field=True,
        auto_number=(name_field.get("format") or "{0}") if auto else None,
    )
    return SObject(
        name=definition["name"],
        label=definition["label"],
        plural=definition["plural"],
        prefix=definition["prefix"],
        fields=(*_leading_fields(), name, *_system_fields(), *fields),
        custom=True,
        activities=definition.get("activities", False),
        sharing=definition.get("sharing", "ReadWrite"),
    )


def _leading_fields() -> tuple[Field, ...]:
    return (
        Field("Id", "Record ID", "id", length=18, defaulted=True, id_lookup=True),
        Field(
            "OwnerId",
            "Owner ID",
            "reference",
            length=18,
            createable=True,
            updateable=True,
            defaulted=True,
            reference_to=("Group", "User"),
            relationship="Owner",
        ),
        Field("IsDeleted", "Deleted", "boolean", defaulted=True),
    )


def _system_fields() -> tuple[Field, ...]:
    account = standard_objects()["account"]
    names = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")
    return tuple(item for item in account.fields if item.name in names)


def ensure_tables(cursor: duckdb.DuckDBPyConnection, schema: Schema) -> None:
    """Give every object its table and every stored field its column."""
    present: dict[str, set[str]] = {}
    for table, column in cursor.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'data'"
    ).fetchall():
        present.setdefault(table, set()).add(column.lower())
    for each in schema.objects.values():
        stored = [item for item in each.fields if item.stored]
        if each.name not in present:
            columns = ", ".join(f'"{item.name}" {item.stored_as}' for item in stored)
            cursor.execute(f"create table {each.table} ({columns})")
            continue
        for item in stored:
            if item.name.lower() not in present[each.name]:
                initial = _initial(item)
                cursor.execute(
                    f'alter table {each.table} add column "{item.name}" {item.stored_as}{initial}'
                )


def _initial(item: Field) -> str:
    if item.type != "boolean":
        return ""
    return " default " + ("true" if item.default == "true" else "false")


def load_grants(cursor: duckdb.DuckDBPyConnection, user: str) -> Grants:
    """Read which custom fields the user's permission sets grant."""
    rows = cursor.execute(
        """
        select lower(f.object), lower(f.field), bool_or(f.editable)
        from org.field_permissions f
        join data."PermissionSet" p on p."Name" = f.permission_set
        join data."PermissionSetAssignment" a on a."PermissionSetId" = p."Id"
        where a."AssigneeId" = ?
        group by all
        """,
        [user],
    ).fetchall()
    return Grants({(name, item): bool(editable) for name, item, editable in rows})


def visible(schema: Schema, grants: Grants) -> Schema:
    """Give the schema as the running user sees it: without the fields nobody granted."""
    objects = {}
    for name, each in schema.objects.items():
        kept = (_seen(item, grants.fields.get((name, item.name.lower()))) for item in each.fields)
        objects[name] = replace(each, fields=tuple(item for item in kept if item))
    return Schema(objects, schema.value_sets)


def _seen(item: Field, editable: bool | None) -> Field | None:
    """A required custom field is there for everyone; any other needs a grant."""
    if not item.custom or item.required:
        return item
    if editable is None:
        return None
    return item if editable else replace(item, createable=False, updateable=False)
