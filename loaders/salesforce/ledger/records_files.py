"""Records files: which records a job took, left or deleted, by key and Id, never a value.

Parquet beside the run's rows; the audit log's line that tells of it bears its hash.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

import duckdb

from loaders.salesforce.ledger import changes
from loaders.salesforce.ledger.changes import Slice
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text

Facts = dict[str, Any]
"""What a line of the audit log says besides its event: names, keys, counts and hashes."""

ENDING = ".records.parquet"
"""How the name of a job's records file ends."""
_COUNTS = "select {by}, count(*) from read_parquet(?) group by 1 order by 1"


def write(con: duckdb.DuckDBPyConnection, query: str, params: list[Any], file: Path) -> Facts:
    """Writes what a query gives; gives the file's place in the home, its SHA-256 and rows.

    It is on disk afterwards, before any line speaks of it.
    """
    con.execute(f"copy ({query}) to {text(file)} (format parquet)", params)
    with file.open("rb") as written:
        os.fsync(written.fileno())
    return noted(con, file)


def noted(con: duckdb.DuckDBPyConnection, file: Path) -> Facts:
    """What a line says of a file in a run's folder."""
    row = con.execute("select count(*) from read_parquet(?)", [str(file)]).fetchone()
    return {
        "file": "/".join(file.parts[-3:]),
        "sha256": sha256_of(file),
        "rows": int(row[0]) if row else 0,
    }


def sha256_of(file: Path) -> str:
    """A file's hash."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def counts(con: duckdb.DuckDBPyConnection, file: Path, by: str) -> dict[str, int]:
    """How many of a records file's rows say what in a column."""
    rows = con.execute(_COUNTS.format(by=name(by)), [str(file)]).fetchall()
    return {str(said): int(count) for said, count in rows}


def write_job(
    con: duckdb.DuckDBPyConnection, plan: StepPlan, part: Slice, number: int, folder: Path
) -> Facts:
    """Writes what became of a job's records, from the temporary table `replacing`.

    One row each: `key, id, action, code, fields` (those the org complains of), `kept` and
    `cleared`, the fields of a known record that its row left alone or emptied. All others of the
    `fields` given went with every row; on a new record an empty one says nothing.
    """
    file = folder / f"job-{number}.records.parquet"
    sent = changes.sent(plan, part.kind)
    columns, join = "null::varchar[] as kept, null::varchar[] as cleared", ""
    source = folder / part.file
    if part.kind != "new" and _any_known(con, source, part):
        empty = ", ".join(
            f"case when {name(c.column)} is null then {text(c.api_name)} end"
            for c in sent
            if changes.clears(c, part.kind)
        )
        columns = "nullif(f._kept, []) as kept, nullif(f.cleared, []) as cleared"
        join = (
            " left join (select _key, _kept, case when _id is not null then list_filter("
            f"[{empty}]::varchar[], lambda x: x is not null and not list_contains(_kept, x))"
            f" end as cleared from read_parquet({text(source)}, file_row_number = true)"
            f" where file_row_number between {part.first} and {part.last}) as f on f._key = r.key"
        )
    query = (
        "select r.key, r.id, r.action, r.code, string_split(r.fields, ',') as fields,"
        f" {columns} from replacing as r{join}"
    )
    records = write(con, query, [], file)
    return {
        "actions": counts(con, file, "action"),
        "fields": [c.api_name for c in sent],
        "records": records,
    }


def _any_known(con: duckdb.DuckDBPyConnection, source: Path, part: Slice) -> bool:
    query = (
        "select count(_id) + count(*) filter (where len(_kept) > 0)"
        " from read_parquet(?, file_row_number = true) where file_row_number between ? and ?"
    )
    row = con.execute(query, [str(source), part.first, part.last]).fetchone()
    return bool(row and row[0])
