"""One reader a format: a first look tells the names in a file, then its rows land as Parquet."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from loaders.errors import UserError
from loaders.raw import parquet_file, tables
from loaders.raw.binding import Binding, bind
from loaders.raw.cleaning import Cleaned, clean
from loaders.raw.contract import Table
from loaders.raw.encoding import Tally, open_bytes, utf8_chunks
from loaders.raw.fixed_records import write_records
from loaders.raw.json_objects import Found, json_objects
from loaders.raw.json_rows import JsonRows
from loaders.raw.layout import Layout
from loaders.raw.long_records import clean_long
from loaders.raw.records import Facts
from loaders.raw.store import Store
from loaders.raw.survey import DELIMITERS, Survey
from loaders.raw.tables import Stamp
from loaders.raw.workbook import write_workbook

_DELIMITER_NAMES = dict(zip(DELIMITERS, ("comma", "semicolon", "pipe", "tab"), strict=True))
_SAMPLE_OBJECTS = 20


@dataclass(frozen=True)
class Job:
    """What a reader needs to land a file.

    `time_zone` is that of the clock the table's times show; None where they are UTC.
    """

    con: duckdb.DuckDBPyConnection
    table: Table
    exclude: frozenset[str]
    time_zone: str | None
    shown: str
    file: str
    stamp: Stamp
    work: Path
    target: Path
    progress: Callable[[int], None]
    store: Store


@dataclass(frozen=True)
class Landed:
    """What a file held, counted; which contract columns it had, which names nobody knows."""

    facts: Facts
    tally: Tally
    present: frozenset[str]
    unknown: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    note: str = ""


class Reader(Protocol):
    """A file as its first look found it."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns or fields."""

    @property
    def encoding(self) -> str | None:
        """The encoding its text is read in, None where the format says it."""

    @property
    def guessed(self) -> bool:
        """Whether nobody told that encoding."""

    @property
    def parted_by(self) -> str:
        """What parts its cells, in a word."""

    def land(self, job: Job) -> Landed:
        """Writes its rows to `job.target`. Raises UserError where it cannot be read."""


@dataclass(frozen=True)
class Delimited:
    """A CSV file or one of its kind."""

    path: Path
    how: Survey

    @property
    def names(self) -> tuple[str, ...]:
        """The header."""
        return self.how.header

    @property
    def encoding(self) -> str:
        """As surveyed."""
        return self.how.encoding

    @property
    def guessed(self) -> bool:
        """As surveyed."""
        return self.how.guessed

    @property
    def parted_by(self) -> str:
        """The delimiter's name."""
        return _DELIMITER_NAMES[self.how.delimiter]

    def land(self, job: Job) -> Landed:
        """Writes its rows to `job.target`."""
        binding = bind(self.names, job.table, job.exclude, job.shown)
        if job.table.long_records:
            cleaned = clean_long(self.path, job.shown, self.how, job.work, job.store, job.progress)
        else:
            cleaned = clean(self.path, job.shown, self.how, job.work, job.progress)
        return _land_clean(job, cleaned, self.how.cells, binding)


@dataclass(frozen=True)
class Objects:
    """A JSON file: objects, lists or pages of them."""

    path: Path
    names: tuple[str, ...]
    encoding: str
    guessed: bool
    parted_by: str = "json"

    def land(self, job: Job) -> Landed:
        """Writes its objects to `job.target`."""
        tally = Tally()
        files = job.work / "rows", job.work / "refused"
        with files[0].open("wb") as out, files[1].open("wb") as refused:
            rows = JsonRows(job.table, job.exclude, tally, out, refused)
            chunks = json_chunks(self.path, job.shown, self.encoding, tally, job.progress)
            for found in json_objects(chunks, frozenset(job.table.key)):
                rows.write(found)
        columns = job.table.columns
        binding = Binding(
            {column: i for i, column in enumerate(columns)},
            tuple((name, -1) for name in rows.unknown),
            (),
            tuple(sorted(rows.dropped)),
            packed=len(columns),
        )
        cleaned = Cleaned(*files, rows.facts, tally)
        return _land_clean(job, cleaned, len(columns) + 1, binding, rows.present)


@dataclass(frozen=True)
class Workbook:
    """The first sheet of an .xlsx file."""

    path: Path
    names: tuple[str, ...]
    header_row: int
    encoding: None = None
    guessed: bool = False
    parted_by: str = "workbook"

    def land(self, job: Job) -> Landed:
        """Writes its rows to `job.target`."""
        binding = bind(self.names, job.table, job.exclude, job.shown)
        tally = Tally()
        files = job.work / "rows", job.work / "refused"
        with files[0].open("wb") as out, files[1].open("wb") as refused:
            facts = write_workbook(
                self.path,
                job.shown,
                self.header_row,
                len(self.names),
                tally,
                out,
                refused,
                job.progress,
            )
        return _land_clean(job, Cleaned(*files, facts, tally), len(self.names), binding)


@dataclass(frozen=True)
class Records:
    """A .dat file with its layout."""

    path: Path
    layout: Layout
    encoding: str
    guessed: bool
    parted_by: str = "layout"

    @property
    def names(self) -> tuple[str, ...]:
        """The layout's field names."""
        return tuple(field.name for field in self.layout.fields)

    def land(self, job: Job) -> Landed:
        """Writes its living records to `job.target`."""
        binding = bind(self.names, job.table, job.exclude, job.shown)
        tally = Tally()
        files = job.work / "rows", job.work / "refused"
        with files[0].open("wb") as out, files[1].open("wb") as refused:
            facts, dead = write_records(
                self.path,
                job.shown,
                self.layout,
                self.encoding,
                tally,
                out,
                refused,
                job.progress,
            )
        note = f"{dead} records marked as deleted skipped" if dead else ""
        return _land_clean(job, Cleaned(*files, facts, tally), len(self.names), binding, note=note)


@dataclass(frozen=True)
class Columns:
    """A Parquet file."""

    path: Path
    columns: tuple[tuple[str, str], ...]
    encoding: None = None
    guessed: bool = False
    parted_by: str = "parquet"

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns' names."""
        return tuple(name for name, _ in self.columns)

    def land(self, job: Job) -> Landed:
        """Writes its rows to `job.target`."""
        binding = bind(self.names, job.table, job.exclude, job.shown)
        tally = Tally()
        try:
            source, values, rows = parquet_file.clean_parquet(
                job.con, self.path, self.columns, job.time_zone, tally
            )
            if any(parquet_file.is_nested(kind) for _, kind in self.columns):
                return self._land_nested(job, source, values, tally)
            tables.write_source(
                job.con,
                source,
                parquet_file.LINE,
                lambda position: values[position],
                binding,
                job.table,
                job.file,
                job.stamp,
                job.target,
            )
        except duckdb.Error as error:
            if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException):
                raise
            raise UserError(
                f"{job.shown} cannot be read as Parquet: {type(error).__name__}.",
                "Write it again, or export the table as CSV.",
            ) from None
        facts = Facts(rows=rows)
        return Landed(facts, tally, frozenset(binding.columns), _unknown(binding), binding.dropped)

    def _land_nested(self, job: Job, source: str, values: list[str], tally: Tally) -> Landed:
        objects = job.work / "objects.ndjson"
        parquet_file.write_objects(job.con, source, values, self.columns, objects)
        try:
            landed = Objects(objects, self.names, "utf-8", guessed=False).land(job)
        finally:
            objects.unlink()
        landed.tally.control_characters += tally.control_characters
        return landed


def json_chunks(
    path: Path, shown: str, encoding: str, tally: Tally, progress: Callable[[int], None]
) -> Iterator[str]:
    """A JSON file's text in chunks. Raises UserError where the file breaks off (.gz)."""
    taken = 0
    try:
        with open_bytes(path) as stream:
            for chunk in utf8_chunks(stream, encoding, tally):
                taken += len(chunk)
                progress(taken)
                yield chunk.decode("utf-8")
    except (EOFError, OSError) as error:
        raise UserError(
            f"{shown} cannot be read to its end: {error.__class__.__name__}.", "Export it again."
        ) from error


def json_names(path: Path, shown: str, encoding: str) -> tuple[str, ...]:
    """The names in the first objects of a JSON file."""
    chunks = json_chunks(path, shown, encoding, Tally(), lambda taken: None)
    names: dict[str, None] = {}
    for found in itertools.islice(json_objects(chunks, frozenset()), _SAMPLE_OBJECTS):
        if isinstance(found, Found):
            names.update(dict.fromkeys(name for name, _ in found.members))
    return tuple(names)


def _unknown(binding: Binding) -> tuple[str, ...]:
    return tuple(label for label, _ in binding.extra if label not in binding.nameless)


def _land_clean(
    job: Job,
    cleaned: Cleaned,
    cells: int,
    binding: Binding,
    present: frozenset[str] | None = None,
    note: str = "",
) -> Landed:
    tables.add_unreadable(job.con, cleaned, job.table, job.file)
    tables.write_part(job.con, cleaned, cells, binding, job.table, job.file, job.stamp, job.target)
    cleaned.rows.unlink()
    cleaned.refused.unlink()
    return Landed(
        cleaned.facts,
        cleaned.tally,
        frozenset(binding.columns) if present is None else present,
        _unknown(binding),
        binding.dropped,
        note,
    )
