"""Reads an uploaded CSV's header and stages its rows; writes result files. DuckDB does the work."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from local_org.bulk.jobs import DELIMITERS, Job
from local_org.store import literal

HEADER_LIMIT = 32_000
MAX_LINE = 4_000_000


class FileError(Exception):
    """An upload that cannot be read; the text is the job's errorMessage."""


@dataclass(frozen=True)
class Header:
    """The first line of an upload, as written and as names."""

    line: str
    names: tuple[str, ...]


def read_header(path: Path, job: Job) -> Header:
    """Read the header and hold its line ending against the job's."""
    with path.open("rb") as file:
        raw = file.readline(4 * HEADER_LIMIT)
    crlf = raw.endswith(b"\r\n")
    if raw.endswith(b"\n") and crlf != (job.line_ending == "CRLF"):
        raise FileError(
            "ClientInputError : LineEnding is invalid on user data. "
            f"Current LineEnding setting is {job.line_ending}"
        )
    try:
        line = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise FileError("InvalidBatch : Failed to read header: not UTF-8") from error
    if not line:
        raise FileError("InvalidBatch : The file is empty or has no header")
    if len(line) > HEADER_LIMIT:
        raise FileError("InvalidBatch : The header is longer than 32000 characters")
    names = next(csv.reader(io.StringIO(line), delimiter=DELIMITERS[job.delimiter]))
    return Header(line, tuple(names))


def stage(cursor: duckdb.DuckDBPyConnection, path: Path, job: Job, width: int) -> int:
    """Read the rows into the temporary table `staged`; gives their number."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    # DuckDB 2.0 reads nothing from a short file when told of CRLF; untold, it finds out itself.
    ending = "" if job.line_ending == "CRLF" else "new_line = '\\n',"
    cursor.execute("drop table if exists staged")
    try:
        cursor.execute(
            f"""create temp table staged as
            select row_number() over () as _row, * from read_csv(
                {literal(str(path))}, auto_detect = false, header = true,
                columns = {{{columns}}}, delim = {literal(DELIMITERS[job.delimiter])},
                quote = '"', escape = '"', {ending} strict_mode = true,
                null_padding = false, max_line_size = {MAX_LINE})"""
        )
    except duckdb.Error as error:
        raise FileError(
            "InvalidBatch : Failed to parse CSV: a row is not well formed or has another "
            "number of columns than the header"
        ) from error
    counted = cursor.execute("select count(*) from staged").fetchone()
    return int(counted[0]) if counted else 0


def write_results(
    cursor: duckdb.DuckDBPyConnection, paths: tuple[Path, Path], width: int, delimiter: str
) -> None:
    """Write what succeeded and what failed, each in an order that is not the upload's."""
    originals = "".join(f", c{place}" for place in range(width))
    counted = cursor.execute("select count(*) from staged").fetchone()
    rows = int(counted[0]) if counted else 0
    cuts = (rows // 3, 2 * rows // 3)
    spans = ((cuts[1], rows), (0, cuts[0]), cuts)
    error = (
        "concat(split_part(error, chr(31), 1), ':', split_part(error, chr(31), 2), ':', "
        "split_part(error, chr(31), 3), "
        "case when split_part(error, chr(31), 3) = '' then '--' else ' --' end)"
    )
    for path, second, where in (
        (paths[0], "created::varchar", "error is null"),
        (paths[1], error, "error is not null"),
    ):
        # The last third first: another order than the upload's, without the cost of a sort.
        thirds = " union all ".join(
            f"""select coalesce(id, '') as a, {second} as b {originals}
            from outcome join staged using (_row)
            where {where} and _row > {start} and _row <= {end}"""
            for start, end in spans
        )
        cursor.execute(
            f"""copy ({thirds}) to {literal(str(path))} (format csv, header false,
            delimiter {literal(delimiter)}, force_quote (a, b))"""
        )


def result_header(kind: str, header: str, delimiter: str) -> str:
    """Give the header line of a result file."""
    if kind == "unprocessed":
        return header + "\n"
    second = "sf__Created" if kind == "success" else "sf__Error"
    return f'"sf__Id"{delimiter}"{second}"{delimiter}{header}\n'


def join_names(names: Sequence[str], delimiter: str) -> str:
    """Give a header line of these names, quoted as a query result's are."""
    return delimiter.join('"' + name.replace('"', '""') + '"' for name in names) + "\n"
