"""Which reader a file needs, by its kind; and what is refused at a first look."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from loaders.errors import UserError
from loaders.raw import fixed_records
from loaders.raw.encoding import chunks, open_bytes
from loaders.raw.layout import read_layout
from loaders.raw.matching import DELIMITED, JSON, Name, parse
from loaders.raw.parquet_file import parquet_columns
from loaders.raw.readers import Columns, Delimited, Objects, Reader, Records, Workbook, json_names
from loaders.raw.sources import SourceFile
from loaders.raw.survey import find_encoding, start_of, survey
from loaders.raw.workbook import workbook_header

_LAYOUT = ".layout"
_LONGEST_LAYOUT = 1 << 20
_ALWAYS_ALLOWED = 256 << 20
_HIGHEST_RATIO = 200


@dataclass
class Opener:
    """What opening a set's files takes: its encoding, its layouts, and room for unpacked files."""

    con: duckdb.DuckDBPyConnection
    declared: str | None
    known_names: frozenset[str]
    work: Path
    layouts: dict[str, SourceFile] = field(default_factory=dict)
    _unpacked: int = 0

    def open(self, source: SourceFile, shown: str) -> Reader:
        """A file's reader. Raises UserError where the file is not what its name says."""
        try:
            return self._open(source, shown)
        except (EOFError, OSError) as error:
            why = getattr(error, "strerror", None) or "damaged .gz file"
            raise UserError(f"{shown} cannot be read: {why}.", "Export it again.") from None

    def _open(self, source: SourceFile, shown: str) -> Reader:
        parsed = parse(source.name)
        if parsed.kind in DELIMITED:
            how = survey(source.path, shown, self.declared, self.known_names)
            return Delimited(source.path, how)
        if parsed.kind in JSON:
            return self._objects(source.path, shown)
        path = self._plain_file(source.path, shown, parsed.kind)
        if parsed.kind == ".xlsx":
            return Workbook(path, *workbook_header(path, shown))
        if parsed.kind == ".parquet":
            try:
                return Columns(path, parquet_columns(self.con, path))
            except duckdb.Error as error:
                raise UserError(
                    f"{shown} cannot be read as Parquet: {type(error).__name__}.",
                    "Write it again, or export the table as CSV.",
                ) from None
        return self._records(path, parsed, shown)

    def _objects(self, path: Path, shown: str) -> Objects:
        start = start_of(path, shown)
        encoding, guessed = find_encoding(path, start, self.declared)
        beginning = start.decode(encoding, "replace").lstrip("\ufeff")
        lines = [line.lstrip() for line in beginning.splitlines() if line.strip()]
        # One line may be broken; a file without any that could begin an object is something else.
        if lines and not any(line.startswith(("{", "[")) for line in lines):
            raise UserError(
                f"{shown} is no JSON: no line of it begins an object.", "Export it again."
            )
        return Objects(path, json_names(path, shown, encoding), encoding, guessed)

    def _records(self, path: Path, parsed: Name, shown: str) -> Records:
        layout_file = self.layouts.get(parsed.stem.lower())
        if layout_file is None:
            raise UserError(
                f"{shown} is a .dat file without a layout beside it ({parsed.stem}.layout.yml),"
                " and cannot be read.",
                "Export the table as CSV through ODBC, or describe its records in a layout.",
            )
        with layout_file.path.open("rb") as stream:
            content = stream.read(_LONGEST_LAYOUT)
        where = shown.rsplit(": ", 1)[0]
        layout = read_layout(content, f"{where}: {parsed.stem}.layout.yml")
        if self.declared:
            return Records(path, layout, self.declared, guessed=False)
        utf8 = fixed_records.reads_as_utf8(path, layout)
        return Records(path, layout, "utf-8" if utf8 else "cp1252", guessed=True)

    def _plain_file(self, path: Path, shown: str, kind: str) -> Path:
        """A file that can be read from anywhere in it: unpacked, and under a harmless name."""
        self._unpacked += 1
        plain = self.work / f"input-{self._unpacked}{kind}"
        if path.suffix.lower() != ".gz":
            plain.symlink_to(path.resolve())
            return plain
        most = max(_ALWAYS_ALLOWED, path.stat().st_size * _HIGHEST_RATIO)
        most = min(most, shutil.disk_usage(self.work).free)
        written = 0
        with open_bytes(path) as packed, plain.open("wb") as out:
            for chunk in chunks(packed):
                written += len(chunk)
                if written > most:
                    raise UserError(
                        f"{shown} is refused: it unpacks out of proportion to its size, or"
                        " beyond what the disk has room for.",
                        "Export it again.",
                    )
                out.write(chunk)
        return plain


def find_layouts(files: list[SourceFile]) -> dict[str, SourceFile]:
    """The layouts of a set's .dat files, by the lower-case name of the file without its ending."""
    return {
        stem.removesuffix(_LAYOUT): file
        for file in files
        if (stem := layout_stem(file.name)) is not None
    }


def layout_stem(name: str) -> str | None:
    """`patient.layout` of `Patient.layout.yml`; None of what is no layout."""
    parsed = parse(name)
    stem = parsed.stem.lower()
    is_layout = parsed.kind in (".yml", ".yaml") and stem.endswith(_LAYOUT) and not parsed.folder
    return stem if is_layout else None
