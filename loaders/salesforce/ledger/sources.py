"""The source values of a slice's rows, out of what was landed: each field's `source:` columns.

A mart's row names the file and line it was made of; the table that has this line is its home. A
column of another table is shown where the home row leads there by an id that is unique over there,
and says by which: `addrid` and `billaddrid` both lead to an address, and both are shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Field, Project, Step

_LANDED = ("_practice", "_file", "_line")


@dataclass
class _Raw:
    """The landed tables, each looked at once."""

    con: duckdb.DuckDBPyConnection
    folder: Path
    columns_of: dict[str, list[str]] = field(default_factory=dict)
    unique: dict[tuple[str, str], bool] = field(default_factory=dict)

    def relation(self, table: str) -> str:
        """Reads a table, `dentrix.patient`."""
        files = self.folder.joinpath(*table.split(".")) / "*.parquet"
        return f"read_parquet({text(files)})"

    def columns(self, table: str) -> list[str]:
        """Its columns, none where it was never landed."""
        if table not in self.columns_of:
            exists = any(self.folder.joinpath(*table.split(".")).glob("*.parquet"))
            query = f"describe select * from {self.relation(table)}"
            self.columns_of[table] = (
                [row[0] for row in self.con.execute(query).fetchall()] if exists else []
            )
        return self.columns_of[table]

    def practice(self, table: str) -> str | None:
        """The column with the practice."""
        found = [c for c in ("_practice", "practice") if c in self.columns(table)]
        return found[0] if found else None

    def is_unique(self, table: str, column: str) -> bool:
        """Whether a practice has each value of a column once."""
        if (table, column) not in self.unique:
            row = self.con.execute(
                f"select count(*) = count(distinct ({self.practice(table)}, trim({name(column)})))"
                f" from {self.relation(table)} where trim({name(column)}) <> ''"
            ).fetchone()
            self.unique[table, column] = bool(row and row[0])
        return self.unique[table, column]

    def ways(self, home: str, table: str) -> list[tuple[str, str]]:
        """The pairs of columns, of a home row and of another table, that lead from one to the
        other's single row."""
        mine, theirs = self.columns(home), self.columns(table)
        if self.practice(table) is None:
            return []
        found = [
            (h, t)
            for t in theirs
            if not t.startswith("_") and t.lower().endswith("id") and len(t) > len("id")
            for h in mine
            if h.lower().endswith(t.lower())
        ]
        thing = table.partition(".")[2].removesuffix("s")
        if "id" in theirs and thing in mine:
            found.append((thing, "id"))
        return [(h, t) for h, t in found if self.is_unique(table, t)]


def stage(
    con: duckdb.DuckDBPyConnection, project: Project, rows: dict[str, str], raw: Path
) -> None:
    """Fills the temporary tables `homes` (step, key, home: `dentrix.patient`) and
    `source_values` (step, key, field, source, way, value). `way` is the home row's column that
    leads to the value, null where the home row has it itself. `rows` gives a relation of each
    step's rows."""
    con.execute("create or replace temp table homes (step varchar, key varchar, home varchar)")
    con.execute(
        "create or replace temp table source_values (step varchar, key varchar, field varchar,"
        " source varchar, way varchar, value varchar)"
    )
    landed = _Raw(con, raw)
    for step in project.steps:
        if step.name in rows:
            _stage(landed, step, rows[step.name])


def _stage(raw: _Raw, step: Step, rows: str) -> None:
    tables = sorted({_parts(s)[0] for f in step.fields for s in f.sources})
    for home in tables:
        if not set(_LANDED) <= set(raw.columns(home)):
            continue
        _home(raw, step, home, rows)
        found = raw.con.execute("select count(*) from home").fetchone()
        if not found or not found[0]:
            continue
        raw.con.execute("insert into homes select ?, _key, ? from home", [step.name, home])
        for table in tables:
            if table == home:
                _take(raw, step, table, "home", None)
            elif raw.columns(table):
                _others(raw, step, home, table)


def _home(raw: _Raw, step: Step, home: str, rows: str) -> None:
    """The temporary table `home`: the landed rows that a step's rows were made of, with `_key`.

    A line of a full set and one of a later set may bear one number: the row whose id is in the
    key is the one. What practices share names none: its line is taken where only one fits.
    """
    key = name(step.external_id)
    own = next(f for f in step.fields if f.column == step.external_id)
    ids = [column for table, column in map(_parts, own.sources) if table == home]
    ids = [c for c in ids if c in raw.columns(home)]
    fits = " or ".join(
        f"list_contains(string_split(m.{key}, ':'), trim(r.{name(c)}::varchar))" for c in ids
    )
    landed = raw.relation(home)
    raw.con.execute(
        f"create or replace temp table home as select m.{key} as _key, r.* from {rows} as m"
        f" join {landed} as r on r._file = m._file and r._line = m._line and (r._practice ="
        f" m._practice or m._practice not in (select _practice from {landed}))"
        f" qualify row_number() over (partition by m.{key} order by {fits or 'true'} desc) = 1"
        f" and (r._practice = m._practice or count(*) over (partition by m.{key}) = 1)"
    )


def _others(raw: _Raw, step: Step, home: str, table: str) -> None:
    """Takes the values of another table's rows that the home rows lead to."""
    if table.endswith(".practices"):
        ways = [("_practice", str(raw.practice(table)))]
    else:
        ways = raw.ways(home, table)
    for mine, theirs in ways:
        raw.con.execute(
            "create or replace temp table other as select h._key, r.*"
            f" from home as h join {raw.relation(table)} as r"
            f" on r.{raw.practice(table)} = h._practice"
            f" and trim(r.{name(theirs)}::varchar) = trim(h.{name(mine)}::varchar)"
        )
        _take(raw, step, table, "other", mine)


def _take(raw: _Raw, step: Step, table: str, found: str, way: str | None) -> None:
    for each, source in _wanted(step, table):
        column = _parts(source)[1]
        # What no contract names stands in a map.
        known = "_extra" if each.of_practice else column
        value = f"_extra[{text(column)}]" if each.of_practice else f"{name(column)}::varchar"
        if known in raw.columns(table):
            raw.con.execute(
                f"insert into source_values select ?, _key, ?, ?, ?, {value} from {found}",
                [step.name, each.column, source, way],
            )


def _wanted(step: Step, table: str) -> Iterator[tuple[Field, str]]:
    """The fields that come from a table, and the columns they come from."""
    for each in step.fields:
        for source in each.sources:
            if _parts(source)[0] == table:
                yield each, source


def _parts(source: str) -> tuple[str, str]:
    """Table and column of `dentrix.patient.lastname`; the column's name may have dots."""
    folder, table, column = source.split(".", 2)
    return f"{folder}.{table}", column
