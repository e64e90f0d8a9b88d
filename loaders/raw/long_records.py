"""Delimited files whose records hold whole documents: one record in memory at a time.

The text is written out clean first and then looked at through a memory map, so that neither a
record of many megabytes nor a quote that never closes makes a file's size count.
"""

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from loaders.errors import UserError
from loaders.raw.careful import patterns
from loaders.raw.cells import LONGEST_ROW
from loaders.raw.cleaning import Cleaned
from loaders.raw.encoding import Tally, open_bytes, utf8_chunks
from loaders.raw.records import CELL_END, INNER_NEWLINE, LINE_DIGITS, Facts
from loaders.raw.store import Store, in_cell, looks_kept
from loaders.raw.survey import Survey
from loaders.raw.trailers import total_count, trailer_count

# A longer record is refused: reading what it holds would take a few times its size of memory.
LONGEST_DOCUMENT = 64 << 20
# A longer cell is kept as a document, and the row says which.
_LONGEST_CELL = 32 << 10
_NEWLINE = 10
_STEP = 1 << 20
_WINDOW = 64 << 20


@dataclass(frozen=True)
class _Span:
    """Where a record's cells are (start, end, whether quoted), and where the next one starts."""

    cells: tuple[tuple[int, int, bool], ...]
    next: int
    stray_quotes: int = 0
    unclosed: bool = False


def clean_long(
    path: Path,
    shown: str,
    how: Survey,
    folder: Path,
    store: Store,
    progress: Callable[[int], None],
) -> Cleaned:
    """Reads a file into `rows` and `refused` below `folder`; long cells go to the store.

    Raises UserError where the file breaks off (.gz).
    """
    rows, refused, clean, tally = folder / "rows", folder / "refused", folder / "clean", Tally()
    try:
        with open_bytes(path) as stream, clean.open("wb") as out:
            for chunk in utf8_chunks(stream, how.encoding, tally):
                out.write(chunk)
            out.write(b"\n")
    except (EOFError, OSError) as error:
        raise UserError(
            f"{shown} cannot be read to its end: {error.__class__.__name__}.", "Export it again."
        ) from error
    with (
        rows.open("wb") as good,
        refused.open("wb") as bad,
        clean.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        reader = _Reader(text, how, store, good, bad)
        reader.read(progress)
    clean.unlink()
    return Cleaned(rows, refused, reader.facts, tally)


class _Reader:
    """Writes the records of a clean text."""

    def __init__(
        self, text: mmap.mmap, how: Survey, store: Store, rows: IO[bytes], refused: IO[bytes]
    ) -> None:
        self.facts = Facts()
        self._text = text
        self._how = how
        self._delimiter = how.delimiter.encode()
        self._store = store
        self._rows = rows
        self._refused = refused

    def read(self, progress: Callable[[int], None]) -> None:
        position, line, dropped = 0, 1, 0
        while line < self._how.first_line and position < len(self._text):
            position, line = self._text.find(b"\n", position) + 1, line + 1
        while position < len(self._text):
            record = _find_record(self._text, position, self._delimiter)
            self._take(record, position, line)
            line += self._lines(position, record.next)
            position = record.next
            progress(position)
            if position - dropped >= _WINDOW:
                # What was read is not wanted again: it need not stay in memory.
                dropped = position // mmap.PAGESIZE * mmap.PAGESIZE
                self._text.madvise(mmap.MADV_DONTNEED, 0, dropped)

    def _take(self, record: _Span, start: int, line: int) -> None:
        size = record.next - start
        if size > LONGEST_DOCUMENT:
            self._refuse(line, f"longer than {LONGEST_DOCUMENT >> 20} MB")
            return
        raw = self._text[start : record.next - 1] if size < _LONGEST_CELL else b"long"
        if not raw.strip(b" ") or self._is_trailer(raw, record):
            return
        if record.unclosed:
            self._refuse(line, "a quote opens and never closes")
            return
        cells, wanted = record.cells, self._how.cells
        surplus = [self._text[a:b] for a, b, _ in cells[wanted:] if b - a < _LONGEST_CELL]
        if len(cells) < wanted or len(surplus) < len(cells) - wanted or b"".join(surplus).strip():
            self._refuse(line, f"expected {wanted} cells, found {len(cells)}")
            return
        self._write(cells[:wanted], line)
        self.facts.stray_quotes += record.stray_quotes

    def _write(self, spans: tuple[tuple[int, int, bool], ...], line: int) -> None:
        cells = [self._cell(start, end, quoted) for start, end, quoted in spans]
        row = bytes([CELL_END]).join((f"{line:0{LINE_DIGITS}d}".encode(), *cells))
        if len(row) > LONGEST_ROW:
            self._refuse(line, "longer than 4 MB beside its documents")
            return
        if b"\n" in row:
            row = row.replace(b"\n", bytes([INNER_NEWLINE]))
            self.facts.inner_newlines = True
        self.facts.rows += 1
        self._rows.write(row + b"\n")

    def _cell(self, start: int, end: int, quoted: bool) -> bytes:
        cell = self._text[start:end]
        if quoted:
            cell = cell.replace(b'""', b'"')
        if len(cell) > _LONGEST_CELL or looks_kept(cell):
            return in_cell(self._store.keep(cell)).encode()
        return cell

    def _is_trailer(self, raw: bytes, record: _Span) -> bool:
        count = None
        if len(record.cells) != self._how.cells or self._how.cells == 1:
            count = trailer_count(raw, self._delimiter)
        elif not self._text[record.next : record.next + 1024].strip():
            count = total_count(raw, self._delimiter)
        if count is not None:
            self.facts.trailer = count
        return count is not None

    def _refuse(self, line: int, reason: str) -> None:
        self.facts.rows += 1
        self.facts.unreadable += 1
        self._refused.write(f"{line}{chr(CELL_END)}{reason}\n".encode())

    def _lines(self, start: int, end: int) -> int:
        return sum(
            self._text[at : min(at + _STEP, end)].count(b"\n") for at in range(start, end, _STEP)
        )


def _find_record(text: mmap.mmap, start: int, delimiter: bytes) -> _Span:
    """The record that starts at `start`. Nothing of it is copied."""
    known = patterns(delimiter)
    cells: list[tuple[int, int, bool]] = []
    stray, position = 0, start
    while True:
        quoted = known.opens.match(text, position) is not None
        if quoted:
            match = known.strict.match(text, position)
            if match is None:
                match = known.lenient.match(text, position)
                stray += 1
            if match is None:
                return _Span(tuple(cells), text.find(b"\n", start) + 1, unclosed=True)
            cells.append((*match.span(1), True))
        else:
            match = known.bare.match(text, position)
            assert match, "a bare cell may be empty"
            cells.append((*match.span(), False))
            stray += text.find(b'"', *match.span()) >= 0
        position = match.end()
        if text[position] == _NEWLINE:
            return _Span(tuple(cells), position + 1, stray)
        position += 1
