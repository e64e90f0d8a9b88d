"""What a home and its org hold, in a form in which two of them can be compared.

Ids are given anew by every org that is asked twice, so each is replaced by what it stands for: its
object and key, or, of records without a key, their content. Times of saving are left out.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

KEY = "Migration_Key__c"
# When something was saved, how its bytes are called on the org's disk, numbers the org gives away.
_PASSING = {
    "CreatedDate",
    "LastModifiedDate",
    "SystemModstamp",
    "ContentModifiedDate",
    "LastViewedDate",
    "LastReferencedDate",
    "CompletedDateTime",
    "VersionData",
}
_AUTO_NUMBER = re.compile(r"[A-Z]+-\d+")
# Of the org's own tables, those that say what it is, not what it did.
_SCHEMA = ("components", "custom_fields", "custom_objects", "field_permissions", "value_sets")
# Of the manifest's, those that say how a run went, and columns that name it.
_PATHS = {"runs", "steps", "jobs", "audit", "undone"}
_RUN = {"run", "by_run", "job", "moved_at"}

# How far each is where nothing is under way. A rollback sends no steps, and nothing that it finds
# unsent.
_ENDED = {
    "runs": ("done", "rolled back"),
    "steps where run not in (select run from runs where kind = 'rollback')": ("sent",),
    "jobs": ("saved", "given up"),
}

Row = tuple[Any, ...]
Truth = dict[str, list[Row]]


def truth_of(home: Path) -> Truth:
    """Every record of the org and its schema, and what the manifest says of them. The org must
    not be running."""
    with _opened(home) as con:
        return _truth(con)


def look(home: Path) -> tuple[Truth, list[str]]:
    """What is true of a home, and what is unfinished in it."""
    with _opened(home) as con:
        return _truth(con), _unfinished(con, home)


@contextmanager
def _opened(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both databases of a home, that of its org as `sf`; to read."""
    with duckdb.connect() as con:
        con.execute(f"attach '{home / 'local_org' / 'state.duckdb'}' as sf (read_only)")
        if (home / "manifest.duckdb").exists():
            con.execute(f"attach '{home / 'manifest.duckdb'}' as manifest (read_only)")
            con.execute("use manifest")
        yield con


def _truth(con: duckdb.DuckDBPyConnection) -> Truth:
    sizes = _sizes(con)
    records = {
        table: _read(con, f'sf.data."{table}"')
        for database, schema, table, size in sizes
        if (database, schema) == ("sf", "data")
        if size and table not in ("FieldPermissions", "ObjectPermissions")
    }
    names = _names(records)
    found: Truth = {f"org {t}": _told(rows, names, _PASSING) for t, rows in records.items()}
    for table in _SCHEMA:
        found[f"schema {table}"] = _told(_read(con, f"sf.org.{table}"), names, {"id"})
    for database, _, table, _ in sizes:
        if database == "manifest" and table not in _PATHS:
            found[f"manifest {table}"] = _told(_read(con, table), names, _RUN)
    return {name: rows for name, rows in found.items() if rows}


def _sizes(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, int]]:
    return con.execute(
        "select database_name, schema_name, table_name, estimated_size from duckdb_tables()"
        " where not temporary order by all"
    ).fetchall()


def _read(con: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    cursor = con.execute(f"from {table}")
    columns = [each[0] for each in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _names(records: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """What each Id stands for."""
    known = {
        row["Id"]: f"{table} {row[KEY]}{' deleted' if row.get('IsDeleted') else ''}"
        for table, rows in records.items()
        for row in rows
        if row.get(KEY)
    }
    nameless = {
        row["Id"]: table
        for table, rows in records.items()
        for row in rows
        if "Id" in row and row["Id"] not in known
    }
    passing = known | {id_: f"some {table}" for id_, table in nameless.items()}
    for table, rows in records.items():
        for row in rows:
            if row.get("Id") in nameless:
                content = json.dumps(_told([row], passing, _PASSING), default=str)
                digest = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
                known[row["Id"]] = f"{table} {digest}"
    return known


def _told(rows: Iterable[dict[str, Any]], names: dict[str, str], without: set[str]) -> list[Row]:
    return sorted(
        (
            tuple(
                (column, names.get(cell, cell) if isinstance(cell, str) else cell)
                for column, cell in row.items()
                if not (column in without or column == "Id" or cell is None)
                and not (column == "Name" and _AUTO_NUMBER.fullmatch(str(cell)))
            )
            for row in rows
        ),
        key=str,
    )


def differences(expected: Truth, found: Truth) -> list[str]:
    """Where two differ: the table, how many rows, and the names of the fields; never a value."""
    lines = []
    for name in sorted(expected.keys() | found.keys()):
        before, after = expected.get(name, []), found.get(name, [])
        if before == after:
            continue
        lost = [row for row in before if row not in after]
        come = [row for row in after if row not in before]
        fields = {
            c for row, other in zip(lost, come, strict=False) for c, _ in set(row) ^ set(other)
        }
        lines.append(
            f"{name}: {len(before)} rows, then {len(after)}; {len(lost)} of them differ"
            f" in {', '.join(sorted(fields)) or 'being there'}"
        )
    return lines


def unfinished(home: Path) -> list[str]:
    """What a migration that ended well must not leave: open jobs and runs, rows on their way, a
    log that does not hold together."""
    with _opened(home) as con:
        return _unfinished(con, home)


def _unfinished(con: duckdb.DuckDBPyConnection, home: Path) -> list[str]:
    found = []
    if (home / "manifest.duckdb").exists():
        for table, good in _ENDED.items():
            found += [
                f"the manifest's {table.split()[0]} has {state}"
                for (state,) in con.execute(f"select distinct state from {table}").fetchall()
                if state not in good
            ]
        found += _log(home / "audit.jsonl", con)
    open_jobs = con.execute(
        "select state from sf.org.jobs where state not in ('JobComplete', 'Failed', 'Aborted')"
        " and not (state = 'Open' and uploads = 0)"
    ).fetchall()
    found += [f"a job of the org is {state}" for (state,) in open_jobs]
    found += [f"{file.name} is left" for file in (home / "runs").rglob("*.csv")]
    return found


def _log(file: Path, con: duckdb.DuckDBPyConnection) -> list[str]:
    """The log is one chain, has what the manifest noted last, and speaks of each saved job."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    found, last, saved = [], "0" * 64, set()
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)
        if (entry["number"], entry["before"]) != (number, last):
            found.append(f"the audit log breaks at line {number}")
            break
        last = hashlib.sha256(line.encode()).hexdigest()
        if entry["event"] == "job saved":
            saved.add((entry["run"], entry["job"]))
    noted = con.execute("select line from audit order by number").fetchall()
    if noted and [line for (line,) in noted] != lines[-len(noted) :]:
        found.append("the audit log lacks what the manifest noted")
    jobs = set(con.execute("select run, number from jobs where state = 'saved'").fetchall())
    if jobs != saved:
        found.append("the audit log and the manifest's jobs differ")
    return found
