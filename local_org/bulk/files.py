"""Reads an uploaded CSV's header and stages its rows; writes result files. DuckDB does the work."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from local_org.bulk.jobs import DELIMITERS, Job
from local_org.store import literal

HEADER_LIMIT = 32_000
MAX_LINE = 4_000_000
BLOCK = 1 << 20


class FileError(Exception):
    """An upload that cannot be read; the text is the job's errorMessage."""


def line_ending_error(job: Job) -> FileError:
    """Give the error of an upload whose lines end otherwise than the job says."""
    return FileError(
        "ClientInputError : LineEnding is invalid on user data. "
        f"Current LineEnding setting is {job.line_ending}"
    )


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
        raise line_ending_error(job)
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
    """Read the rows into the temporary table `upload`; gives their number.

    A file that is not well formed, or whose rows do not end as the job says, is refused whole.
    """
    other = _count_other_endings(path, job.line_ending)
    try:
        _read(cursor, "upload", path, job, width)
    except FileError as error:
        # A file of mixed endings does not parse at all.
        raise line_ending_error(job) if other else error from error
    if other:
        _check_line_endings(cursor, other, job, width)
    counted = cursor.execute("select count(*) from upload").fetchone()
    return int(counted[0]) if counted else 0


def _read(cursor: duckdb.DuckDBPyConnection, table: str, path: Path, job: Job, width: int) -> None:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    # DuckDB 2.0 reads nothing from a short file when told of CRLF; untold, it finds out itself.
    ending = "" if job.line_ending == "CRLF" else "new_line = '\\n',"
    try:
        cursor.execute(
            f"""create or replace temp table {table} as
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


def _check_line_endings(
    cursor: duckdb.DuckDBPyConnection, other: int, job: Job, width: int
) -> None:
    """Refuse rows that end otherwise than the job says: more such endings than stand in cells."""
    wrong = "'\\r\\n'" if job.line_ending == "LF" else "'(?:^|[^\\r])\\n'"
    inside = " + ".join(
        f"coalesce(sum(len(regexp_extract_all(c{place}, {wrong}))), 0)" for place in range(width)
    )
    found = cursor.execute(f"select {inside} from upload").fetchone()
    if other > int(found[0] if found else 0):
        raise line_ending_error(job)


def _count_other_endings(path: Path, ending: str) -> int:
    """Count the line breaks, in cells or out, that are not the job's."""
    feeds, pairs, last = 0, 0, b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            feeds += block.count(b"\n")
            pairs += block.count(b"\r\n") + (last == b"\r" and block[:1] == b"\n")
            last = block[-1:]
    return pairs if ending == "LF" else feeds - pairs


def take_rows(cursor: duckdb.DuckDBPyConnection, after: int, last: int) -> None:
    """Make `staged` the uploaded rows behind row `after` up to row `last`."""
    cursor.execute(
        "create or replace temp view staged as "
        f"select * from upload where _row > {after} and _row <= {last}"
    )


def write_results(
    cursor: duckdb.DuckDBPyConnection,
    paths: tuple[Path, Path],
    rows: tuple[int, int],
    width: int,
    delimiter: str,
) -> None:
    """Write which of the staged rows succeeded and which failed, in an order not the upload's.

    `rows` are the numbers of the last row before them and of their last.
    """
    originals = "".join(f", c{place}" for place in range(width))
    start, end = rows
    cuts = (start + (end - start) // 3, start + 2 * (end - start) // 3)
    spans = ((cuts[1], end), (start, cuts[0]), cuts)
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
            where {where} and _row > {after} and _row <= {last}"""
            for after, last in spans
        )
        cursor.execute(
            f"""copy ({thirds}) to {literal(str(path))} (format csv, header false,
            delimiter {literal(delimiter)}, force_quote (a, b))"""
        )


def write_unprocessed(
    cursor: duckdb.DuckDBPyConnection, upload: Path, target: Path, job: Job
) -> None:
    """Write the rows of an upload that a job did not come to, its header line first."""
    header = read_header(upload, job)
    _read(cursor, "upload", upload, job, len(header.names))
    rows = target.with_suffix(".rows")
    cursor.execute(
        f"""copy (select * exclude (_row) from upload where _row > {job.processed} order by _row)
        to {literal(str(rows))} (format csv, header false,
        delimiter {literal(DELIMITERS[job.delimiter])})"""
    )
    partial = target.with_suffix(".part")
    with partial.open("wb") as whole, rows.open("rb") as part:
        whole.write(f"{header.line}\n".encode())
        shutil.copyfileobj(part, whole)
    rows.unlink()
    partial.rename(target)


def result_header(kind: str, header: str, delimiter: str) -> str:
    """Give the header line of a result file."""
    second = "sf__Created" if kind == "success" else "sf__Error"
    names = ['"sf__Id"', f'"{second}"', *([header] if header else [])]
    return delimiter.join(names) + "\n"


def join_names(names: Sequence[str], delimiter: str) -> str:
    """Give a header line of these names, quoted as a query result's are."""
    return delimiter.join('"' + name.replace('"', '""') + '"' for name in names) + "\n"
