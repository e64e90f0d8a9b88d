"""Takes JSON records through the same save and delete that bulk jobs use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from local_org.errors import ApiError, bad_json
from local_org.files.blobs import adopt
from local_org.files.versions import VERSION, complete, for_saving, prepare
from local_org.org import Org
from local_org.records.columns import Column, HeaderError, bind
from local_org.records.delete import delete
from local_org.records.duplicates import duplicate_result, matched
from local_org.records.save import Save, save
from local_org.records.validation import further_errors
from local_org.schema.model import SObject

# Clears a field; no JSON text can be mistaken for it but by being it.
NULL = "\x01null\x01"
ROLLED_BACK = (
    "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header"
)


@dataclass(frozen=True)
class Options:
    """What a request's path and headers say about a save."""

    base: str = "/services/data"
    allow_duplicates: bool = False


@dataclass(frozen=True)
class RowError:
    """Why one record was refused."""

    code: str
    message: str
    fields: tuple[str, ...]
    duplicates: Mapping[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        """Give the error as a save result shows it."""
        shown = {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}
        return shown | ({"duplicateResult": self.duplicates} if self.duplicates else {})


@dataclass(frozen=True)
class Result:
    """What became of one record. `more` are the errors behind the first."""

    id: str | None
    created: bool
    error: RowError | None
    more: tuple[RowError, ...] = ()

    @property
    def errors(self) -> tuple[RowError, ...]:
        """All its errors."""
        return (self.error, *self.more) if self.error else ()

    def body(self, *, upsert: bool = False) -> dict[str, Any]:
        """Give the save result as Collections show it."""
        if self.error:
            return {"success": False, "errors": [each.body() for each in self.errors]}
        made = {"created": self.created} if upsert else {}
        return {"id": self.id, "success": True, "errors": [], **made}


def find_object(org: Org, name: str) -> SObject:
    """Give the object as the user sees it; raises the 404 of one that is not there."""
    target = org.view.get(name)
    if target is None:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    return target


def save_records(
    org: Org,
    cursor: duckdb.DuckDBPyConnection,
    target: SObject,
    operation: str,
    records: Sequence[Mapping[str, Any]],
    key: str | None = None,
    options: Options | None = None,
) -> list[Result]:
    """Save records of one object in the caller's transaction; results in the order given."""
    chosen = options or Options()
    if target.name == VERSION:
        return _save_versions(org, cursor, target, operation, records, key)
    return _save(org, cursor, target, operation, records, key, chosen)


def _save_versions(
    org: Org,
    cursor: duckdb.DuckDBPyConnection,
    target: SObject,
    operation: str,
    records: Sequence[Mapping[str, Any]],
    key: str | None,
) -> list[Result]:
    """Save ContentVersions: what makes a file of each goes before and after the common save."""
    drafts = prepare(org, cursor, target, operation, records, key)
    fit = [each for each in drafts if each.problem is None]
    plain = [each.record for each in fit]
    found = _save(org, cursor, for_saving(target), operation, plain, key, Options()) if fit else []
    saved = [
        (each.id, each.created, draft)
        for each, draft in zip(found, fit, strict=True)
        if each.error is None and each.id is not None
    ]
    adopt(org.folder, complete(org, cursor, saved))
    results = iter(found)
    return [
        Result(None, False, RowError(*each.problem)) if each.problem else next(results)
        for each in drafts
    ]


def _save(
    org: Org,
    cursor: duckdb.DuckDBPyConnection,
    target: SObject,
    operation: str,
    records: Sequence[Mapping[str, Any]],
    key: str | None,
    chosen: Options,
) -> list[Result]:
    cells = _alike(target, [_cells(record) for record in records])
    headers = list(dict.fromkeys(name for row in cells for name in row))
    columns = _bind(org, target, headers)
    key_column = None
    if operation != "insert":
        wanted = "Id" if operation == "update" else key or "Id"
        key_column = next(
            (each for each in columns if each.field.name == wanted and each.parent is None), None
        )
        if key_column is None:
            raise ApiError(400, "MISSING_ARGUMENT", f"{wanted} not specified")
    elif any(each.field.type == "id" for each in columns):
        message = "cannot specify Id in an insert call"
        raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, ("Id",))
    _stage(cursor, cells, headers)
    save(
        cursor,
        Save(
            schema=org.schema,
            target=target,
            operation=operation,
            columns=columns,
            key=key_column,
            null_token=NULL,
            user=org.identity.user,
            pod=org.identity.pod,
            faults=org.faults.rows(target.name, operation),
            switches=org.switches,
            allow_duplicates=chosen.allow_duplicates,
        ),
    )
    results = _results(cursor, columns, cells)
    return _with_details(org, cursor, target, results, chosen)


def delete_records(
    org: Org, cursor: duckdb.DuckDBPyConnection, target: SObject, ids: Sequence[str]
) -> list[Result]:
    """Delete records of one object in the caller's transaction."""
    if not target.deletable:
        raise ApiError(
            400, "INSUFFICIENT_ACCESS_OR_READONLY", f"entity type cannot be deleted: {target.name}"
        )
    column = Column(0, "Id", target.fields[0])
    _stage(cursor, [{"Id": text} for text in ids], ["Id"])
    strikes = org.faults.rows(target.name, "delete")
    delete(cursor, org.schema, target, column, org.identity.user, strikes)
    return _results(cursor, (column,), [])


def _bind(org: Org, target: SObject, headers: list[str]) -> tuple[Column, ...]:
    try:
        return bind(org.view, target, headers)
    except HeaderError as error:
        if ":" in error.header or "." in error.header:
            name = error.header.rpartition(":")[2].partition(".")[0]
        else:
            name = error.header
        message = f"No such column '{name}' on sobject of type {target.name}"
        raise ApiError(400, "INVALID_FIELD", message) from error


def _cells(record: Mapping[str, Any]) -> dict[str, str]:
    """Give a record's cells by header; a nested parent becomes `Type:Rel.Key` or `Rel.Key`."""
    cells: dict[str, str] = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping):
            kind = (value.get("attributes") or {}).get("type")
            keys = [each for each in value if each != "attributes"]
            if len(keys) != 1:
                raise bad_json(f"Cannot deserialize instance of {name}: name one key field")
            prefix = f"{kind}:" if kind else ""
            cells[f"{prefix}{name}.{keys[0]}"] = _cell(value[keys[0]])
        else:
            cells[name] = _cell(value)
    return cells


def _alike(target: SObject, cells: list[dict[str, str]]) -> list[dict[str, str]]:
    """Name a lookup alike in all records: one may clear `AccountId`, another set `Account`."""
    by_key: dict[str, str] = {}
    for header in dict.fromkeys(name for row in cells for name in row if "." in name):
        lookup = target.relationship(header.partition(".")[0].rpartition(":")[2])
        if lookup is not None:
            by_key[lookup.name.lower()] = header
    return [
        {
            by_key.get(name.lower(), name) if value == NULL else name: value
            for name, value in row.items()
        }
        for row in cells
    ]


def _cell(value: Any) -> str:
    if value is None or value == "":
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise bad_json("Cannot deserialize a list here")


def _stage(
    cursor: duckdb.DuckDBPyConnection, cells: Sequence[Mapping[str, str]], headers: list[str]
) -> None:
    names = "".join(f", c{place} varchar" for place in range(len(headers)))
    cursor.execute("drop table if exists staged")
    cursor.execute(f"create temp table staged (_row bigint{names})")
    marks = ", ".join("?" for _ in range(len(headers) + 1))
    rows = [
        [place, *(row.get(name) for name in headers)] for place, row in enumerate(cells, start=1)
    ]
    if rows:
        cursor.executemany(f"insert into staged values ({marks})", rows)


def _results(
    cursor: duckdb.DuckDBPyConnection,
    columns: Sequence[Column],
    cells: Sequence[Mapping[str, str]],
) -> list[Result]:
    rows = cursor.execute("select id, created, error from outcome order by _row").fetchall()
    results = []
    for place, (record_id, created, error) in enumerate(rows):
        if error is None:
            results.append(Result(record_id, created, None))
            continue
        found = _row_error(error)
        if found.message.startswith("Failed to deserialize field"):
            raise _unreadable(columns, found.fields[0], cells[place])
        results.append(Result(record_id, False, found))
    return results


def _row_error(text: str) -> RowError:
    code, message, fields = text.split("\x1f")
    return RowError(code, message, tuple(fields.split(",")) if fields else ())


def _with_details(
    org: Org,
    cursor: duckdb.DuckDBPyConnection,
    target: SObject,
    results: list[Result],
    options: Options,
) -> list[Result]:
    """Give the results with all errors of a record, and the records it duplicates."""
    further, twins = further_errors(cursor), matched(cursor)
    allow = org.switches.duplicate_rules == "allow"
    detailed = []
    for row, each in enumerate(results, start=1):
        error = each.error
        if error and error.code == "DUPLICATES_DETECTED":
            shown = duplicate_result(target.name, twins.get(row, []), options.base, allow=allow)
            error = replace(error, duplicates=shown)
        more = tuple(_row_error(text) for text in further.get(row, ()))
        detailed.append(replace(each, error=error, more=more))
    return detailed


def _unreadable(columns: Sequence[Column], name: str, cells: Mapping[str, str]) -> ApiError:
    """REST refuses the whole request where one value is not of its type."""
    column = next(each for each in columns if each.field.name == name)
    return bad_json(
        f"Cannot deserialize instance of {column.field.type} from VALUE_STRING value "
        f"{cells[column.header]} or request may be missing a required field at "
        "[line:1, column:1]"
    )
