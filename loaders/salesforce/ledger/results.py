"""Reads a job's results: CSV as the org wrote it, in no order, some of it perhaps missing."""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger.sql import name, text

# What a rejected row needs, by its code: "again" the same row later, "stop" a person or another
# day, "parent" the record it points at, "duplicate" leave to be like another record. Everything
# else is the data's own.
_AGAIN = (
    "UNABLE_TO_LOCK_ROW",
    "UNABLE_TO_LOCK_RECORD",
    "TooManyLockFailure",
    "QUERY_TIMEOUT",
    "REQUEST_RUNNING_TOO_LONG",
    "SERVICE_UNAVAILABLE",
    "UNKNOWN_EXCEPTION",
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
    "TERRITORY_REALIGN_IN_PROGRESS",
)
_DUPLICATE = ("DUPLICATES_DETECTED",)
_STOP = ("STORAGE_LIMIT_EXCEEDED", "LICENSE_LIMIT_EXCEEDED")
UNPROCESSED = "UNPROCESSED"
UNREADABLE = "UNREADABLE_ERROR"


class Unreadable(Exception):
    """A file that should be a job's results and is something else."""


@dataclass(frozen=True)
class ResultFiles:
    """A job's downloaded results."""

    succeeded: Path
    failed: Path

    def remove(self) -> None:
        """Deletes them: they repeat every row that was sent."""
        self.succeeded.unlink(missing_ok=True)
        self.failed.unlink(missing_ok=True)


def header(file: Path) -> list[str]:
    """The columns of a CSV file, empty where the file is."""
    with file.open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines), [])


def read_csv(file: Path, columns: list[str]) -> str:
    """A relation over a CSV file of Salesforce's: all text, empty cells null.

    The dialect is said, not sniffed: a sniffer guesses from values.
    """
    spec = ", ".join(f"{text(c)}: 'VARCHAR'" for c in columns)
    return (
        f"read_csv({text(file)}, header = true, auto_detect = false, columns = {{{spec}}},"
        " delim = ',', quote = '\"', escape = '\"', nullstr = '', max_line_size = 8000000,"
        " buffer_size = 16000000)"
    )


def union(files: list[Path], columns: list[str]) -> str:
    """A query over the pages of a result, all text; a column no page has is null."""
    parts = [f"select {', '.join(f'null::varchar as {name(c)}' for c in columns)} where false"]
    for file in files:
        present = header(file)
        if present:
            chosen = [name(c) if c in present else f"null::varchar as {name(c)}" for c in columns]
            parts.append(f"select {', '.join(chosen)} from {read_csv(file, present)}")
    return " union all ".join(parts)


def stage_outcomes(
    con: duckdb.DuckDBPyConnection, files: ResultFiles, match: str, sent: str
) -> tuple[int, int]:
    """Makes the temporary table `outcome`, one row for each row that was sent.

    `match` is the result column that tells rows apart (the external id, or Id for an update by
    Id); `sent` is a query giving `key, id, hash` of the rows of the job. Rows without a result
    get the code UNPROCESSED; results nobody asked for are left out. Gives how many rows were
    taken and refused. Raises duckdb.Error where a file breaks off in the middle, Unreadable
    where it is no job's results at all.
    """
    ok = _results(files.succeeded, match, "sf__Created")
    bad = _results(files.failed, match, "sf__Error")
    by = "id" if match == "Id" else "key"
    con.execute(
        f"""
        create or replace temp table outcome as
        with sent as ({sent}),
        ok as ({ok}),
        bad as ({bad})
        select
            sent.key,
            case when ok.match is not null then coalesce(ok.id, sent.id) else sent.id end as id,
            sent.hash,
            ok.match is not null as taken,
            ok.word = 'true' as created,
            case
                when ok.match is not null then null
                when bad.match is not null then {_code("bad.word")}
                else '{UNPROCESSED}'
            end as code,
            case when bad.match is not null then {_fields("bad.word")} end as fields,
            bad.word like '%Foreign key external ID%' as misses_parent
        from sent
        left join ok on ok.match = sent.{by}
        left join bad on bad.match = sent.{by} and ok.match is null
        """
    )
    row = con.execute(
        f"select count(*) filter (where taken), count(*) filter (where code <> '{UNPROCESSED}')"
        " from outcome"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _results(file: Path, match: str, word: str) -> str:
    columns = header(file)
    if columns and not {"sf__Id", word, match} <= set(columns):
        raise Unreadable(file.name)
    if not columns:
        return (
            "select null::varchar as match, null::varchar as id, null::varchar as word where false"
        )
    return (
        f"select {name(match)} as match, any_value(sf__Id) as id, any_value({word}) as word"
        f" from {read_csv(file, columns)} group by all"
    )


def _code(error: str) -> str:
    """The code of `CODE:message:Field1,Field2 --`; an error of another shape may hold values."""
    code = f"trim(split_part({error}, ':', 1))"
    return (
        f"case when regexp_full_match({code}, '[A-Z][A-Z0-9_]{{1,79}}|TooManyLockFailure')"
        f" then {code} else {text(UNREADABLE)} end"
    )


def _fields(error: str) -> str:
    """The field names at the end of `CODE:message:Field1,Field2 --`: names, never values."""
    fields = f"regexp_extract({error}, ':([A-Za-z0-9_,]*)\\s*--\\s*$', 1)"
    return f"nullif({fields}, '')"


def is_passing(code: str) -> bool:
    """Whether the same request may be taken a moment later."""
    return code in _AGAIN


def error_class() -> str:
    """The class of an outcome as an SQL expression over `o.code` and `o.misses_parent`."""

    def listed(codes: tuple[str, ...]) -> str:
        return ", ".join(text(code) for code in codes)

    return (
        f"case when o.code in ({listed((*_AGAIN, UNPROCESSED))}) then 'again'"
        f" when o.code in ({listed(_STOP)}) then 'stop'"
        f" when o.code in ({listed(_DUPLICATE)}) then 'duplicate'"
        " when o.misses_parent or o.code = 'INVALID_CROSS_REFERENCE_KEY' then 'parent'"
        " when o.code is not null then 'data' end"
    )
