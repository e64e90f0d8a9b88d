"""Deletes a set of records: checks each id, follows the lookups, keeps a recycle bin."""

from __future__ import annotations

import duckdb

from local_org.files.blobs import release
from local_org.ids import long_id_sql
from local_org.records.columns import Column
from local_org.records.save import OUTCOME
from local_org.records.values import clean_sql, problem
from local_org.schema.model import Schema, SObject
from local_org.store import literal

DEPTH = 10
NO_ID = "Id not specified in a delete call"


def delete(
    cursor: duckdb.DuckDBPyConnection, schema: Schema, target: SObject, column: Column, user: str
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
    cursor.execute("create or replace temp table doomed (object varchar, id varchar)")
    _refuse_restricted(cursor, schema, target)
    cursor.execute(
        f"insert into doomed select {literal(target.name)}, id from outcome where error is null"
    )
    _follow(cursor, schema, target, 0)
    for name, _ in cursor.execute("select object, count(*) from doomed group by all").fetchall():
        _remove(cursor, schema.objects[name.lower()], user)
    if target.name == "ContentDocument":
        release(cursor)


def _refuse_restricted(cursor: duckdb.DuckDBPyConnection, schema: Schema, target: SObject) -> None:
    for child, lookup in schema.children(target.name):
        if lookup.on_delete != "Restrict":
            continue
        alive = 'and not c."IsDeleted"' if child.keeps_deleted else ""
        message = literal(
            "Your attempt to delete the record could not be completed because it is associated "
            f"with the following {child.plural}"
        )
        cursor.execute(
            f"""update outcome set error = {problem("DELETE_FAILED", message)}
            where error is null and id in
                (select c."{lookup.name}" from {child.table} c where true {alive})"""
        )


def _follow(cursor: duckdb.DuckDBPyConnection, schema: Schema, parent: SObject, depth: int) -> None:
    """Doom the children that go with their parent; empty the lookups of those that stay."""
    if depth > DEPTH:
        return
    doomed = f"(select id from doomed where object = {literal(parent.name)})"
    for child, lookup in schema.children(parent.name):
        if not lookup.stored:
            continue
        alive = 'and not "IsDeleted"' if child.keeps_deleted else ""
        if lookup.on_delete == "Cascade":
            found = cursor.execute(
                f"""insert into doomed select {literal(child.name)}, "Id" from {child.table}
                where "{lookup.name}" in {doomed} {alive}
                and "Id" not in (select id from doomed)"""
            ).fetchone()
            if found and found[0]:
                _follow(cursor, schema, child, depth + 1)
        elif lookup.updateable:
            cursor.execute(
                f'update {child.table} set "{lookup.name}" = null '
                f'where "{lookup.name}" in {doomed} {alive}'
            )


def _remove(cursor: duckdb.DuckDBPyConnection, target: SObject, user: str) -> None:
    chosen = f'"Id" in (select id from doomed where object = {literal(target.name)})'
    if not target.keeps_deleted:
        cursor.execute(f"delete from {target.table} where {chosen}")
        return
    now = "date_trunc('second', now()::timestamp)"
    stamps = f'"SystemModstamp" = {now}'
    if target.field("LastModifiedDate"):
        stamps += f', "LastModifiedDate" = {now}, "LastModifiedById" = {literal(user)}'
    cursor.execute(f'update {target.table} set "IsDeleted" = true, {stamps} where {chosen}')
