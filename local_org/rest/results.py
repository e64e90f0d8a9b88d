"""The rows of a query as JSON: parents nested, children below each record, one page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from local_org.bulk.jobs import stamp
from local_org.soql.compile import Child, Compiled

# The children shown within each record, and those of a whole page: what is more is behind a
# nextRecordsUrl of its own.
CHILD_PAGE = 200
CHILDREN = 40_000


@dataclass(frozen=True)
class Shape:
    """What records are made with: the path before every URL, the object of each key prefix.

    `keep` keeps a query for the rest of a parent's children and gives the path that continues it.
    """

    base: str
    kinds: dict[str, str]
    keep: Callable[[Child, str, int, int], str]


def records(
    shape: Shape,
    cursor: duckdb.DuckDBPyConnection,
    compiled: Compiled,
    rows: Sequence[tuple[Any, ...]],
) -> list[dict[str, Any]]:
    """Give the records of some rows; the children of all of them come in one statement each."""
    made = [_record(shape, compiled, row) for row in rows]
    ids = [row[-1] for row in rows] if compiled.children else []
    for child in compiled.children:
        found = _children(shape, cursor, child, ids)
        for record, record_id in zip(made, ids, strict=True):
            record[child.name] = found.get(record_id)
    return made


def child_records(
    shape: Shape,
    cursor: duckdb.DuckDBPyConnection,
    child: Child,
    ids: list[str],
    start: int,
    count: int,
) -> list[tuple[str, int, dict[str, Any]]]:
    """Give children `start` … of each parent: its Id, the number of all its children, a record."""
    parameters = [ids, *child.compiled.parameters, start + 1, start + count]
    rows = cursor.execute(child.select(), parameters).fetchall()
    made = records(shape, cursor, child.compiled, [row[:-2] for row in rows])
    return [(row[-2], row[-1], record) for row, record in zip(rows, made, strict=True)]


def _children(
    shape: Shape, cursor: duckdb.DuckDBPyConnection, child: Child, ids: list[str]
) -> dict[str, dict[str, Any]]:
    count = max(1, min(CHILD_PAGE, CHILDREN // max(1, len(ids))))
    found: dict[str, dict[str, Any]] = {}
    for parent, total, record in child_records(shape, cursor, child, ids, 0, count):
        result = found.setdefault(parent, {"totalSize": total, "done": True, "records": []})
        result["records"].append(record)
    for parent, result in found.items():
        shown = len(result["records"])
        if shown < result["totalSize"]:
            result["done"] = False
            url = shape.keep(child, parent, result["totalSize"], shown)
            found[parent] = {**result, "nextRecordsUrl": url, "records": result["records"]}
    return found


def _record(shape: Shape, compiled: Compiled, row: tuple[Any, ...]) -> dict[str, Any]:
    """Give one record: an absent parent is null."""
    if compiled.query.aggregate:
        made: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for output, value in zip(compiled.outputs, row, strict=True):
            made[output.path[0]] = json_value(value)
        return made
    made = {"attributes": _attributes(shape, compiled.object.name, row[-1])}
    count = len(compiled.outputs)
    present = {
        parent.path: (row[count + place], parent.type)
        for place, parent in enumerate(compiled.parents)
    }
    for output, value in zip(compiled.outputs, row, strict=False):
        where = _within(shape, made, output.path, present)
        if where is None:
            continue
        if output.kinds and where["attributes"]["type"] not in output.kinds:
            continue
        if value is not None and output.field.type == "base64":
            value = f"{where['attributes']['url']}/{output.field.name}"
        where[output.path[-1]] = json_value(value)
    return made


def _within(
    shape: Shape,
    made: dict[str, Any],
    path: tuple[str, ...],
    present: dict[tuple[str, ...], tuple[str | None, str | None]],
) -> dict[str, Any] | None:
    """Give the parent that holds the end of a path, made where need be; None where it is absent."""
    where = made
    for depth in range(1, len(path)):
        name = path[depth - 1]
        parent_id, kind = present[path[:depth]]
        if parent_id is None:
            where[name] = None
            return None
        if where.get(name) is None:
            where[name] = {"attributes": _attributes(shape, kind, parent_id)}
        where = where[name]
    return where


def _attributes(shape: Shape, kind: str | None, record_id: str) -> dict[str, str]:
    """Give type and URL; a parent of several objects is a `Name`, its URL that of what it is."""
    real = shape.kinds.get(record_id[:3], "Name")
    return {"type": kind or real, "url": f"{shape.base}/sobjects/{real}/{record_id}"}


def json_value(value: Any) -> Any:
    """Give a value as REST shows it."""
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value
