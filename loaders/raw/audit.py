"""What landing remembers beside the data: practices, sets, files, rejects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from loaders.home import Home
from loaders.options import MigrationOptions
from loaders.raw.contract import Table, all_tables
from loaders.raw.landing import Generation
from loaders.raw.sql import name, text

if TYPE_CHECKING:
    from loaders.raw.readers import Landed
    from loaders.raw.tables import Stamp

# What migration.files notes of a table that nobody decided about; a plan blocks on it.
UNSETTLED = (
    "missing from this full set: the earlier rows stand until export.yml names the table under"
    " keep: or empty:"
)


@dataclass(frozen=True)
class FileRecord:
    """One row of migration.files, in its column order."""

    practice: str
    set_id: str
    system: str
    table_name: str | None
    file: str | None
    encoding: str | None = None
    delimiter: str | None = None
    rows_in_file: int | None = None
    landed: int | None = None
    rejected: int | None = None
    trailer_count: int | None = None
    control_characters: int | None = None
    status: str = "landed"
    note: str | None = None


@dataclass(frozen=True)
class ColumnRecord:
    """One row of migration.columns, in its column order."""

    practice: str
    set_id: str
    system: str
    table_name: str
    column_name: str
    known: bool
    present: bool


def found_columns(
    stamp: Stamp, system: str, table: Table, results: Mapping[str, Landed]
) -> list[ColumnRecord]:
    """Which columns of a table its files had, and which they had that nobody told us about."""
    present = frozenset().union(*(one.present for one in results.values()))
    unknown = dict.fromkeys(name for one in results.values() for name in one.unknown)
    named = [(column, True, column in present) for column in table.columns]
    named += [(label, False, True) for label in unknown]
    return [ColumnRecord(stamp.practice, stamp.set_id, system, table.name, *one) for one in named]


def read_rows(
    con: duckdb.DuckDBPyConnection, home: Home, table: str, practice: str | None = None
) -> list[dict[str, Any]]:
    """The rows of a migration table in the current generation, for all practices or one."""
    folder = home.raw / "current" / "migration" / table
    rows = [row for file in sorted(folder.glob("*.parquet")) for row in read_file(con, file)]
    return [row for row in rows if practice is None or row["practice"] == practice]


def read_file(con: duckdb.DuckDBPyConnection, file: Path) -> list[dict[str, Any]]:
    """The rows of a migration table's file; none where it does not exist."""
    if not file.exists():
        return []
    found = con.execute(f"select * from read_parquet({text(file)})")
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def write_rows(
    con: duckdb.DuckDBPyConnection, target: Path, table: str, rows: Sequence[Sequence[Any]]
) -> None:
    """Writes a migration table's file; without rows there is none."""
    schema = all_tables()["migration", table].schema
    target.unlink(missing_ok=True)
    if not rows:
        return
    columns = ", ".join(f"{name(column)} {kind}" for column, kind in schema)
    con.execute(f"create or replace temp table written ({columns})")
    con.executemany(f"insert into written values ({', '.join('?' * len(schema))})", rows)
    con.execute(f"copy written to {text(target)} (format parquet, compression zstd)")


def write_files(
    con: duckdb.DuckDBPyConnection,
    new: Generation,
    practice: str,
    files: Sequence[FileRecord],
    kept: Sequence[dict[str, Any]],
) -> None:
    """Writes a practice's migration.files: what still stands of earlier sets, and this set's."""
    rows = [tuple(row.values()) for row in kept] + [astuple(file) for file in files]
    write_rows(con, new.folder("migration", "files") / f"{practice}.parquet", "files", rows)


def write_columns(
    con: duckdb.DuckDBPyConnection,
    new: Generation,
    practice: str,
    columns: Sequence[ColumnRecord],
    standing: set[str],
) -> None:
    """Writes a practice's migration.columns: those of `standing` tables, and this set's."""
    target = new.folder("migration", "columns") / f"{practice}.parquet"
    kept = [tuple(row.values()) for row in read_file(con, target) if row["table_name"] in standing]
    write_rows(con, target, "columns", kept + [astuple(column) for column in columns])


def write_rejects(
    con: duckdb.DuckDBPyConnection,
    new: Generation,
    practice: str,
    set_id: str,
    system: str,
    standing: frozenset[str],
) -> int:
    """Writes a practice's migration.rejects: those of `standing` tables, and this set's."""
    target = new.folder("migration", "rejects") / f"{practice}.parquet"
    written = target.with_suffix(".new")
    earlier = ""
    if target.exists():
        earlier = (
            f"select * from read_parquet({text(target)})"
            f" where list_contains([{', '.join(text(t) for t in standing)}]::varchar[], table_name)"
            " union all "
        )
    con.execute(
        f"copy ({earlier} select {text(practice)} as practice, {text(set_id)} as set_id,"
        f" {text(system)} as system, table_name, file, line, class, reason, key from refused"
        f" order by all) to {text(written)} (format parquet, compression zstd)"
    )
    written.replace(target)
    count = con.execute("select count(*) from refused").fetchone()
    return int(count[0]) if count else 0


def write_practices(
    con: duckdb.DuckDBPyConnection,
    new: Generation,
    practices: Sequence[dict[str, Any]],
    options: MigrationOptions,
) -> None:
    """Writes migration.practices with today's options."""
    folder = new.folder("migration", "practices")
    for row in with_options(practices, options):
        write_rows(con, folder / f"{row['practice']}.parquet", "practices", [tuple(row.values())])


def with_options(
    practices: Sequence[dict[str, Any]], options: MigrationOptions
) -> list[dict[str, Any]]:
    """Rows of migration.practices with their options as migration.yml says them now."""
    columns = [column for column, _ in all_tables()["migration", "practices"].schema]
    rows = [row | options.of(row["practice"]).as_columns() for row in practices]
    return [{column: row.get(column) for column in columns} for row in rows]
