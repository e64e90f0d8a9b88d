"""Rows of a job as JSON records, for requests of a few at a time; what became of them.

The rules are those of a job's CSV: on records that exist an empty cell clears its field, but for
what cannot be blank; kept fields, and empty cells of new records, are left out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger import changes
from loaders.salesforce.ledger.changes import Slice
from loaders.salesforce.ledger.plan import Column, StepPlan
from loaders.salesforce.ledger.sql import name, text

BY_ID = ("adopt", "update")
"""The kinds of jobs whose records are found by their Id."""


@dataclass(frozen=True)
class Row:
    """One row to send: its key and hash, the Id the manifest has, and its record as JSON."""

    key: str
    hash: str
    id: str | None
    json: str


@dataclass(frozen=True)
class Outcome:
    """What became of a row: with `code` it was refused, and `rule` names the duplicate rule."""

    row: Row
    id: str | None = None
    created: bool = False
    code: str | None = None
    fields: tuple[str, ...] = ()
    misses_parent: bool = False
    rule: str | None = None


def is_small(
    con: duckdb.DuckDBPyConnection, file: Path, rows: int, size: int, *, all_known: bool = False
) -> bool:
    """Whether a file to send has fewer rows than that, no more bytes, and no new record; where
    `all_known`, every record is known by the time it is sent."""
    found = con.execute(
        "select count(*), coalesce(sum(_bytes), 0), count(*) filter (where _id is null)"
        " from read_parquet(?)",
        [str(file)],
    ).fetchone()
    count, bytes_, new = found or (0, 0, 0)
    return 0 < count < rows and bytes_ <= size and (all_known or not new)


def rows(con: duckdb.DuckDBPyConnection, plan: StepPlan, part: Slice, folder: Path) -> list[Row]:
    """The rows of a job, in their order."""
    parts = [text(f'"attributes":{{"type":"{plan.object}"}}')]
    if part.kind in BY_ID:
        parts.append("'\"Id\":' || to_json(_id)")
    parts += [_cell(plan, c, part.kind) for c in changes.sent(plan, part.kind)]
    found = con.execute(
        f"select _key, _hash, _id, '{{' || concat_ws(',', {', '.join(parts)}) || '}}'"
        f" from read_parquet({text(folder / part.file)}, file_row_number = true)"
        f" where file_row_number between {part.first} and {part.last} order by file_row_number"
    ).fetchall()
    return [Row(*each) for each in found]


def _cell(plan: StepPlan, column: Column, kind: str) -> str:
    """A field as `"Name":value`, null where it is left out."""
    value = name(column.column)
    plain = column.is_boolean or column.is_number
    cell = f"{text(_before(column))} || {value if plain else f'to_json({value})'}"
    cell += f" || {text(_after(column))}"
    empty = "null"
    if changes.clears(column, kind):
        null = text(f'"{_field(column)}":null')
        empty = f"case when _id is not null then {null} end"
    left_out = ""
    if kind != "new" and column.column != plan.external_id:
        left_out = f"when list_contains(_kept, {text(column.api_name)}) then null "
    return f"case {left_out}when {value} is null then {empty} else {cell} end"


def _field(column: Column) -> str:
    return column.api_name if "." in column.column else column.header


def _before(column: Column) -> str:
    kind, _, path = column.header.rpartition(":")
    relationship, dot, key = path.partition(".")
    if not dot:
        return f'"{column.header}":'
    of = f'"attributes":{{"type":"{kind}"}},' if kind else ""
    return f'"{relationship}":{{{of}"{key}":'


def _after(column: Column) -> str:
    return "}" if "." in column.column else ""


def stage(con: duckdb.DuckDBPyConnection, outcomes: Collection[Outcome]) -> None:
    """Makes the temporary table `outcome`, one row for each row that was sent."""
    columns: dict[str, list[object]] = {
        "key varchar": [o.row.key for o in outcomes],
        "id varchar": [o.id or o.row.id for o in outcomes],
        "hash varchar": [o.row.hash for o in outcomes],
        "taken boolean": [o.code is None for o in outcomes],
        "created boolean": [o.created for o in outcomes],
        "code varchar": [o.code for o in outcomes],
        "fields varchar": [",".join(o.fields) or None for o in outcomes],
        "misses_parent boolean": [o.misses_parent for o in outcomes],
    }
    made = ", ".join(
        f"unnest($c{n}::{c.split()[1]}[]) as {c.split()[0]}" for n, c in enumerate(columns)
    )
    con.execute(
        f"create or replace temp table outcome as select {made}",
        {f"c{n}": values for n, values in enumerate(columns.values())},
    )


def write_keys(con: duckdb.DuckDBPyConnection, keys: list[str], file: Path) -> None:
    """Keeps keys in a file, whole or not at all."""
    unfinished = file.with_suffix(".new")
    con.execute(
        f"copy (select unnest(?::varchar[]) as key) to {text(unfinished)} (format parquet)", [keys]
    )
    unfinished.replace(file)


def read_keys(con: duckdb.DuckDBPyConnection, file: Path) -> frozenset[str]:
    """The keys that such a file holds."""
    found = con.execute("select key from read_parquet(?)", [str(file)]).fetchall()
    return frozenset(row[0] for row in found)


def write_rules(con: duckdb.DuckDBPyConnection, outcomes: Collection[Outcome], file: Path) -> None:
    """Keeps which duplicate rule refused which key: `key, rule`."""
    named = [(o.row.key, o.rule) for o in outcomes if o.rule]
    con.execute(
        "copy (select unnest($keys::varchar[]) as key, unnest($rules::varchar[]) as rule)"
        f" to {text(file)} (format parquet)",
        {"keys": [k for k, _ in named], "rules": [r for _, r in named]},
    )
