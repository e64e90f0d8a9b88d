"""What landing noted of a practice's files: counts, encodings, lines that did not land."""

from collections import defaultdict
from dataclasses import dataclass

import duckdb

from loaders.home import Home
from loaders.raw import audit as remembered
from loaders.raw.sql import text

# How many places of each finding are named.
PLACES = 3


@dataclass(frozen=True)
class Rejected:
    """Lines of one table that did not land for one reason, the first at `places` (file, line)."""

    class_: str
    count: int
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Notes:
    """What landing noted of one table, over all its files that count.

    `expected` is what trailers say, None where no file has one. `status` is landed, missing, kept
    or empty; None where nothing was ever sent.
    """

    status: str | None = None
    files: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ()
    delimiters: tuple[str, ...] = ()
    expected: int | None = None
    rows_in_files: int = 0
    landed: int = 0
    control_characters: int = 0
    remarks: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    def rejected_lines(self) -> int:
        """How many lines did not land."""
        return self.rows_in_files - self.landed

    @property
    def agrees(self) -> bool | None:
        """Whether the files hold as many rows as their trailers say; None where none says."""
        return None if self.expected is None else self.expected == self.rows_in_files


@dataclass(frozen=True)
class Remembered:
    """What landing noted of one practice, by table: notes, the columns that were sent (none of a
    table whose columns were never noted), and those nobody asked for; and the files that were
    ignored, with the reason."""

    tables: dict[str, Notes]
    present: dict[str, set[str]]
    unknown: dict[str, list[str]]
    ignored: list[tuple[str, str]]


def read_notes(con: duckdb.DuckDBPyConnection, home: Home, practice: str) -> Remembered:
    """What landing noted of a practice."""
    files: dict[str, list[dict[str, object]]] = defaultdict(list)
    ignored = []
    for row in remembered.read_rows(con, home, "files", practice):
        if row["status"] == "ignored":
            ignored.append((str(row["file"]), str(row["note"] or "")))
        elif row["table_name"]:
            files[str(row["table_name"])].append(row)
    rejected = _rejected(con, home, practice)
    unknown: dict[str, list[str]] = defaultdict(list)
    present: dict[str, set[str]] = defaultdict(set)
    for row in remembered.read_rows(con, home, "columns", practice):
        table, column = str(row["table_name"]), str(row["column_name"])
        if not row["known"]:
            unknown[table] = sorted({*unknown[table], column})
        elif row["present"]:
            present[table].add(column)
    notes = {table: _notes(rows, rejected.get(table, ())) for table, rows in files.items()}
    return Remembered(notes, present, unknown, ignored)


def _notes(rows: list[dict[str, object]], rejected: tuple[Rejected, ...]) -> Notes:
    counted = [row for row in rows if row["status"] == "landed" and row["landed"] is not None]
    told = [int(str(row["trailer_count"])) for row in counted if row["trailer_count"] is not None]

    def words(column: str, of: list[dict[str, object]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(row[column]) for row in of if row[column]))

    def total(column: str) -> int:
        return sum(int(str(row[column] or 0)) for row in counted)

    return Notes(
        status="landed" if counted else str(rows[-1]["status"]),
        files=words("file", counted),
        encodings=words("encoding", counted),
        delimiters=words("delimiter", counted),
        # Trailers of some files only say nothing of all rows.
        expected=sum(told) if told and len(told) == len(counted) else None,
        rows_in_files=total("rows_in_file"),
        landed=total("landed"),
        control_characters=total("control_characters"),
        remarks=words("note", rows),
        rejected=rejected,
    )


def _rejected(
    con: duckdb.DuckDBPyConnection, home: Home, practice: str
) -> dict[str, tuple[Rejected, ...]]:
    files = home.raw / "current" / "migration" / "rejects" / "*.parquet"
    rows = con.execute(
        "select table_name, class, count(*),"
        f" arg_min({{'file': file, 'line': line}}, {{'file': file, 'line': line}}, {PLACES})"
        f" from read_parquet({text(files)}) where practice = ?"
        " group by table_name, class order by table_name, class",
        [practice],
    ).fetchall()
    found: dict[str, tuple[Rejected, ...]] = {}
    for table, class_, count, places in rows:
        named = tuple((str(one["file"]), int(one["line"] or 0)) for one in places)
        found[str(table)] = (*found.get(str(table), ()), Rejected(str(class_), int(count), named))
    return found
