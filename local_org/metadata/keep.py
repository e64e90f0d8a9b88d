"""Writes a draft as the org's metadata: definitions, tables, and the records that show them."""

from __future__ import annotations

import json

import duckdb

from local_org.metadata.draft import Draft, Work
from local_org.metadata.xml import Node
from local_org.org import Org
from local_org.schema.build import ensure_tables, load_schema
from local_org.schema.model import field_to_json
from local_org.store import literal, quoted

NOW = "date_trunc('second', now()::timestamp)"
OBJECT_FLAGS = {
    "PermissionsCreate": "allowCreate",
    "PermissionsRead": "allowRead",
    "PermissionsEdit": "allowEdit",
    "PermissionsDelete": "allowDelete",
    "PermissionsViewAllRecords": "viewAllRecords",
    "PermissionsModifyAllRecords": "modifyAllRecords",
}


def keep(work: Work, org: Org) -> None:
    """Write the draft, within the caller's transaction."""
    cursor, draft = work.cursor, work.draft
    _keep_definitions(cursor, draft)
    for kind, name in draft.deleted:
        if draft.has(kind, name):
            continue
        _delete(work, kind, name)
    ensure_tables(cursor, load_schema(cursor))
    for name, node in draft.record_types.items():
        _keep_record_type(cursor, org, name, node)
    for name, node in draft.permission_sets.items():
        _keep_permission_set(cursor, org, name, node)


def _keep_definitions(cursor: duckdb.DuckDBPyConnection, draft: Draft) -> None:
    fields = [
        [owner, item.name, json.dumps(field_to_json(item))]
        for owner, owned in draft.fields.items()
        for item in owned.values()
    ]
    tables = {
        "custom_objects": [[name, json.dumps(each)] for name, each in draft.objects.items()],
        "custom_fields": fields,
        "value_sets": [[name, json.dumps(each)] for name, each in draft.value_sets.items()],
        "components": [[*key, json.dumps(each)] for key, each in draft.components.items()],
    }
    for table, rows in tables.items():
        cursor.execute(f"delete from org.{table}")
        if rows:
            columns = ", ".join(["unnest(?::varchar[])"] * len(rows[0]))
            lists = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(f"insert into org.{table} select {columns}", lists)


def _delete(work: Work, kind: str, name: str) -> None:
    """Remove the data and the grants of what is gone."""
    cursor = work.cursor
    owner, _, item = name.partition(".")
    if kind == "CustomObject":
        cursor.execute(f"drop table if exists data.{quoted(name)}")
        _forget_grants(cursor, '"SobjectType" = ?', [name])
        cursor.execute('delete from data."RecordType" where "SobjectType" = ?', [name])
    elif kind == "CustomField":
        for table in work.tables(owner):
            cursor.execute(
                f"alter table if exists data.{quoted(table)} drop column if exists {quoted(item)}"
            )
            _forget_grants(cursor, '"Field" = ?', [f"{table}.{item}"])
    elif kind == "PermissionSet":
        ids = 'select "Id" from data."PermissionSet" where "Name" = ?'
        for child, column in (
            ("PermissionSetAssignment", "PermissionSetId"),
            ("ObjectPermissions", "ParentId"),
            ("FieldPermissions", "ParentId"),
        ):
            cursor.execute(f'delete from data."{child}" where "{column}" in ({ids})', [name])
        cursor.execute('delete from data."PermissionSet" where "Name" = ?', [name])
        cursor.execute("delete from org.field_permissions where permission_set = ?", [name])


def _forget_grants(
    cursor: duckdb.DuckDBPyConnection, condition: str, parameters: list[str]
) -> None:
    cursor.execute(f'delete from data."FieldPermissions" where {condition}', parameters)
    if "SobjectType" in condition:
        cursor.execute(f'delete from data."ObjectPermissions" where {condition}', parameters)
        cursor.execute("delete from org.field_permissions where object = ?", parameters)
    else:
        owner, _, item = parameters[0].partition(".")
        cursor.execute(
            "delete from org.field_permissions where object = ? and field = ?", [owner, item]
        )


def _keep_record_type(cursor: duckdb.DuckDBPyConnection, org: Org, name: str, node: Node) -> None:
    owner, _, developer = name.partition(".")
    found = cursor.execute(
        'select "Id" from data."RecordType" where "SobjectType" = ? and "DeveloperName" = ?',
        [owner, developer],
    ).fetchone()
    values = [node.text("label"), node.text("description"), node.flag("active")]
    user = literal(org.identity.user)
    if found is None:
        cursor.execute(
            f"""insert into data."RecordType" by name select ? as "Id", ? as "SobjectType",
                ? as "DeveloperName", ? as "Name", ? as "Description", ? as "IsActive",
                false as "IsPersonType", {_stamps(user)}""",
            [org.new_id(cursor, "012"), owner, developer, *values],
        )
        return
    cursor.execute(
        f"""update data."RecordType" set "Name" = ?, "Description" = ?, "IsActive" = ?,
            "LastModifiedDate" = {NOW}, "SystemModstamp" = {NOW}, "LastModifiedById" = {user}
        where "Id" = ? and ("Name", "Description", "IsActive") is distinct from (?, ?, ?)""",
        [*values, found[0], *values],
    )


def _stamps(user: str) -> str:
    return (
        f'{NOW} as "CreatedDate", {NOW} as "LastModifiedDate", {NOW} as "SystemModstamp", '
        f'{user} as "CreatedById", {user} as "LastModifiedById"'
    )


def _keep_permission_set(
    cursor: duckdb.DuckDBPyConnection, org: Org, name: str, node: Node
) -> None:
    found = cursor.execute(
        'select "Id" from data."PermissionSet" where "Name" = ?', [name]
    ).fetchone()
    user = literal(org.identity.user)
    values = [
        node.text("label"),
        node.text("description"),
        node.flag("hasActivationRequired"),
    ]
    if found is None:
        parent = org.new_id(cursor, "0PS")
        cursor.execute(
            f"""insert into data."PermissionSet" by name select ? as "Id", ? as "Name",
                ? as "Label", ? as "Description", ? as "HasActivationRequired",
                false as "IsOwnedByProfile", true as "IsCustom", {_stamps(user)}""",
            [parent, name, *values],
        )
    else:
        parent = found[0]
        cursor.execute(
            f"""update data."PermissionSet" set "Label" = ?, "Description" = ?,
                "HasActivationRequired" = ?, "LastModifiedDate" = {NOW},
                "SystemModstamp" = {NOW}, "LastModifiedById" = {user} where "Id" = ?""",
            [*values, parent],
        )
    _keep_object_permissions(cursor, org, parent, node)
    _keep_field_permissions(cursor, org, name, parent, node)


def _keep_object_permissions(
    cursor: duckdb.DuckDBPyConnection, org: Org, parent: str, node: Node
) -> None:
    cursor.execute('delete from data."ObjectPermissions" where "ParentId" = ?', [parent])
    user = literal(org.identity.user)
    flags = ", ".join(f'? as "{column}"' for column in OBJECT_FLAGS)
    rows = [
        [
            org.new_id(cursor, "110"),
            parent,
            each.text("object"),
            *(each.flag(element) for element in OBJECT_FLAGS.values()),
        ]
        for each in node.children("objectPermissions")
        if any(each.flag(element) for element in OBJECT_FLAGS.values())
    ]
    if rows:
        cursor.executemany(
            f"""insert into data."ObjectPermissions" by name select ? as "Id", ? as "ParentId",
                ? as "SobjectType", {flags}, {_stamps(user)}""",
            rows,
        )


def _keep_field_permissions(
    cursor: duckdb.DuckDBPyConnection, org: Org, name: str, parent: str, node: Node
) -> None:
    cursor.execute('delete from data."FieldPermissions" where "ParentId" = ?', [parent])
    cursor.execute("delete from org.field_permissions where permission_set = ?", [name])
    granted = [
        ((each.text("field") or "").partition("."), each.flag("editable"))
        for each in node.children("fieldPermissions")
        if each.flag("readable")
    ]
    if not granted:
        return
    cursor.executemany(
        f"""insert into data."FieldPermissions" by name select ? as "Id", ? as "ParentId",
            ? as "SobjectType", ? as "Field", true as "PermissionsRead",
            ? as "PermissionsEdit", {NOW} as "SystemModstamp" """,
        [
            [org.new_id(cursor, "01k"), parent, path[0], "".join(path), editable]
            for path, editable in granted
        ],
    )
    cursor.executemany(
        "insert into org.field_permissions values (?, ?, ?, ?)",
        [[name, path[0], path[2], editable] for path, editable in granted],
    )
