"""Deletes a set of records: checks each id, follows the lookups, keeps a recycle bin.

What is deleted stays in the recycle bin, and no REST call brings it back. What goes with a record
goes in the same step; a lookup that restricts, be it on a record that would go too, stops it all.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from local_org.faults.register import Strike
from local_org.faults.rows import spoil_delete
from local_org.files.blobs import release
from local_org.ids import long_id_sql
from local_org.records.columns import Column
from local_org.records.save import OUTCOME
from local_org.records.values import clean_sql, problem
from local_org.schema.model import Schema, SObject
from local_org.soql.scope import column_sql
from local_org.store import literal

DEPTH = 10
# How many of the records that stand in the way are named.
SHOWN = 10
NO_ID = "Id not specified in a delete call"


def delete(
    cursor: duckdb.DuckDBPyConnection,
    schema: Schema,
    target: SObject,
    column: Column,
    user: str,
    faults: Sequence[Strike] = (),
) -> None:
    """Delete what is staged (Ids in `c…`) and note the `outcome` of every row."""
    text = clean_sql(f"c{column.place}", "#N/A")
    gone = 'm."IsDeleted"' if target.keeps_deleted else "false"
    malformed = "concat('bad id ', x)"
    cursor.execute("drop table if exists outcome")
    cursor.execute(OUTCOME)
    cursor.execute(
        f"""insert into outcome select _row, coalesce(m."Id", v), false, case
            when x is null then {problem("MISSING_ARGUMENT", literal(NO_ID))}
            when v is null or substr(v, 1, 3) <> '{target.prefix}'
                then {problem("MALFORMED_ID", malformed, "Id")}
            when {gone} then {problem("ENTITY_IS_DELETED", literal("entity is deleted"))}
            when m."Id" is null
                then {problem("INVALID_CROSS_REFERENCE_KEY", literal("invalid cross reference id"))}
            when row_number() over (partition by v order by _row) > 1
                then {problem("ENTITY_IS_DELETED", literal("entity is deleted"))}
            end
        from (select *, {long_id_sql("x")} as v from (select _row, {text} as x from staged)) s
        left join {target.table} m on m."Id" = v"""
    )
    spoil_delete(cursor, faults, column)
    cursor.execute("create or replace temp table doomed (object varchar, id varchar, root varchar)")
    cursor.execute(
        f"insert into doomed select {literal(target.name)}, id, id from outcome where error is null"
    )
    _follow(cursor, schema, target, 0)
    for each in _doomed_objects(cursor, schema):
        _refuse_restricted(cursor, schema, target, each)
    cursor.execute(
        "delete from doomed where root not in (select id from outcome where error is null)"
    )
    for each in _doomed_objects(cursor, schema):
        _empty_lookups(cursor, schema, each)
        _remove(cursor, each, user)
    if target.name == "ContentDocument":
        release(cursor)


def _doomed_objects(cursor: duckdb.DuckDBPyConnection, schema: Schema) -> list[SObject]:
    rows = cursor.execute("select distinct object from doomed order by object").fetchall()
    return [schema.objects[name.lower()] for (name,) in rows]


def _doomed(target: SObject) -> str:
    return f"(select id from doomed where object = {literal(target.name)})"


def _refuse_restricted(
    cursor: duckdb.DuckDBPyConnection, schema: Schema, root: SObject, parent: SObject
) -> None:
    """Refuse the deletes that would take a record others must be able to look up."""
    for child, lookup in schema.children(parent.name):
        if lookup.on_delete != "Restrict":
            continue
        alive = 'and not c."IsDeleted"' if child.keeps_deleted else ""
        message = (
            f"concat('Your attempt to delete ', {_name_sql(root, 'm')}, ' could not be completed "
            f"because it is associated with the following ', {literal(child.plural.lower())}, "
            "'.: ', names, chr(10))"
        )
        cursor.execute(
            f"""update outcome o set error = {problem("DELETE_FAILED", message)}
            from (select d.root, array_to_string(
                    list({_name_sql(child, "c")} order by c."Id")[:{SHOWN}], ', ') as names
                from {child.table} c join doomed d
                    on d.object = {literal(parent.name)} and d.id = c."{lookup.name}"
                where not exists (from doomed e where e.root = d.root and e.id = c."Id") {alive}
                group by d.root) r join {root.table} m on m."Id" = r.root
            where o.error is null and o.id = r.root"""
        )


def _name_sql(target: SObject, alias: str) -> str:
    """Give SQL for a record as a message names it."""
    found = next((item for item in target.fields if item.name_field), target.fields[0])
    name = column_sql(alias, found)
    if target.field("Salutation") is not None:
        return f"concat_ws(' ', {alias}.\"Salutation\", {name})"
    return f'coalesce({name}, {alias}."Id")'


def _follow(cursor: duckdb.DuckDBPyConnection, schema: Schema, parent: SObject, depth: int) -> None:
    """Doom the children that go with their parent."""
    if depth > DEPTH:
        return
    for child, lookup in schema.children(parent.name):
        if not lookup.stored or lookup.on_delete != "Cascade":
            continue
        alive = 'and not c."IsDeleted"' if child.keeps_deleted else ""
        found = cursor.execute(
            f"""insert into doomed select distinct {literal(child.name)}, c."Id", d.root
            from {child.table} c join doomed d
                on d.object = {literal(parent.name)} and d.id = c."{lookup.name}"
            where not exists (from doomed e where e.root = d.root and e.id = c."Id") {alive}"""
        ).fetchone()
        if found and found[0]:
            _follow(cursor, schema, child, depth + 1)


def _empty_lookups(cursor: duckdb.DuckDBPyConnection, schema: Schema, parent: SObject) -> None:
    """Empty the lookups of what stays."""
    for child, lookup in schema.children(parent.name):
        if not lookup.stored or not lookup.updateable or lookup.on_delete != "SetNull":
            continue
        alive = 'and not "IsDeleted"' if child.keeps_deleted else ""
        cursor.execute(
            f'update {child.table} set "{lookup.name}" = null '
            f'where "{lookup.name}" in {_doomed(parent)} and "Id" not in {_doomed(child)} {alive}'
        )


def _remove(cursor: duckdb.DuckDBPyConnection, target: SObject, user: str) -> None:
    chosen = f'"Id" in {_doomed(target)}'
    if not target.keeps_deleted:
        cursor.execute(f"delete from {target.table} where {chosen}")
        return
    now = "date_trunc('second', now()::timestamp)"
    stamps = f'"SystemModstamp" = {now}'
    if target.field("LastModifiedDate"):
        stamps += f', "LastModifiedDate" = {now}, "LastModifiedById" = {literal(user)}'
    cursor.execute(f'update {target.table} set "IsDeleted" = true, {stamps} where {chosen}')
