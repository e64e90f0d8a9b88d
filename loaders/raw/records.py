"""Splits clean UTF-8 text into records, a block of megabytes at a time, with numpy.

The result is a text DuckDB cannot misread: one record a line, its physical line number first,
cells parted by US (0x1F), newlines inside cells written as SOH (0x01), no quoting at all. Both
bytes are free because control characters are stripped before.
"""

from dataclasses import dataclass
from typing import IO

import numpy as np
import numpy.typing as npt

from loaders.raw.careful import LONGEST_RECORD, Record, read_record
from loaders.raw.trailers import total_count, trailer_count

CELL_END = 0x1F
INNER_NEWLINE = 0x01
_QUOTE, _NEWLINE = 0x22, 0x0A
LINE_DIGITS = 11
_WHOLE_BLOCK = 1 << 40
_SMALL_WINDOW = 128 << 10
_LONGEST_STRETCH = 4096
_POWERS = 10 ** np.arange(LINE_DIGITS - 1, -1, -1, dtype=np.int64)

Positions = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


@dataclass
class Facts:
    """What a file held, counted while it is read."""

    rows: int = 0
    unreadable: int = 0
    stray_quotes: int = 0
    inner_newlines: bool = False
    trailer: int | None = None


class RecordWriter:
    """Takes blocks of text, writes clean records to `out` and refused lines to `refused`."""

    def __init__(
        self, delimiter: bytes, cells: int, line: int, out: IO[bytes], refused: IO[bytes]
    ) -> None:
        self.facts = Facts()
        self._delimiter = delimiter
        self._cells = cells
        self._line = line
        self._out = out
        self._refused = refused
        self._stretch = 1
        self._window = _WHOLE_BLOCK

    def write(self, block: bytes, final: bool) -> int:
        """Takes the whole records of a block; gives how many bytes those were.

        What is left belongs in front of the next block. A final block must end in a newline.
        """
        position = 0
        while position < len(block):
            # Where quotes are odd once they are often odd again. A small window keeps the price
            # of laying out low, a growing careful stretch the number of times.
            end = position + self._window
            layout = lay_out(block[position:end], self._delimiter)
            self._write_layout(layout, final and end >= len(block))
            position += layout.size
            if layout.clean and end < len(block):
                self._window *= 2
                continue
            if layout.clean and not final:
                break
            if not layout.clean:
                self._window = _SMALL_WINDOW
                gained = layout.size >= _SMALL_WINDOW // 16
                self._stretch = 1 if gained else min(self._stretch * 2, _LONGEST_STRETCH)
            ready, position = self._write_stretch(block, position, final)
            if not ready:
                break
        return position

    def _write_stretch(self, block: bytes, position: int, final: bool) -> tuple[bool, int]:
        """Reads some records with care; gives whether the block held them all, and the place."""
        for _ in range(self._stretch):
            if position >= len(block):
                break
            # A record ends at the latest with the line its longest cell could end in.
            if not final and block.find(b"\n", position + LONGEST_RECORD) < 0:
                return False, position
            position += self._write_carefully(block, position, final)
        return True, position

    def _write_layout(self, layout: "Layout", final: bool) -> None:
        if not layout.size:
            return
        lines = self._line + layout.line_offsets
        drop = layout.ends == layout.starts
        layout.trim(self._cells)
        for index in np.flatnonzero((layout.found != self._cells) & ~drop):
            drop[index] = not self._mend(layout, int(index), int(lines[index]))
        if final:
            for index in np.flatnonzero(~drop)[-3:]:
                drop[index] = self._is_full_trailer(layout.record(int(index)))
        self._out.write(layout.text(lines, drop))
        self.facts.inner_newlines |= layout.lines > len(layout.ends)
        self.facts.rows += int(np.count_nonzero(~drop))
        self._line += layout.lines

    def _mend(self, layout: "Layout", index: int, line: int) -> bool:
        """Decides on a record with a wrong number of cells: trims empty ones or refuses it."""
        found, record = int(layout.found[index]), layout.record(index)
        if layout.trim_odd(index, found - self._cells):
            return True
        if record.strip(b" ") and not self._is_trailer(record):
            self._refuse(line, f"expected {self._cells} cells, found {found}")
        return False

    def _write_carefully(self, block: bytes, start: int, final: bool) -> int:
        record = read_record(block, start, self._delimiter)
        line = self._line
        self._line += block.count(b"\n", start, record.next)
        self._take(record, block[start : record.next], line, final and record.next >= len(block))
        return record.next - start

    def _take(self, record: Record, raw: bytes, line: int, last: bool) -> None:
        cells = record.cells
        if record.unclosed:
            self._refuse(line, f"a quote opens in cell {len(cells) + 1} and never closes")
            return
        if raw == b"\n":
            return
        while len(cells) > self._cells and not cells[-1].strip(b" "):
            cells = cells[:-1]
        if len(raw) > LONGEST_RECORD:
            self._refuse(line, "longer than 1 MB")
            return
        if len(cells) != self._cells:
            if raw.strip(b" \n") and not self._is_trailer(raw):
                self._refuse(line, f"expected {self._cells} cells, found {len(record.cells)}")
            return
        if last and self._is_full_trailer(raw):
            return
        self.facts.rows += 1
        self.facts.stray_quotes += record.stray_quotes
        self.facts.inner_newlines |= any(b"\n" in cell for cell in cells)
        row = bytes([CELL_END]).join((f"{line:0{LINE_DIGITS}d}".encode(), *cells))
        self._out.write(row.replace(b"\n", bytes([INNER_NEWLINE])) + b"\n")

    def _refuse(self, line: int, reason: str) -> None:
        self.facts.rows += 1
        self.facts.unreadable += 1
        self._refused.write(f"{line}\x1f{reason}\n".encode())

    def _is_trailer(self, raw: bytes) -> bool:
        return self._note_trailer(trailer_count(raw, self._delimiter))

    def _is_full_trailer(self, raw: bytes) -> bool:
        """Whether a record with the right number of cells is a trailer after all."""
        if self._cells == 1:
            return self._is_trailer(raw)
        return self._note_trailer(total_count(raw, self._delimiter))

    def _note_trailer(self, count: int | None) -> bool:
        if count is not None:
            self.facts.trailer = count
        return count is not None


class Layout:
    """Where the records and cells of a block begin and end, up to the first odd quote."""

    def __init__(self, block: bytes, delimiter: int) -> None:
        self.clean = True
        self.starts = self.ends = self.found = self.line_offsets = np.empty(0, np.int64)
        self.size = self.lines = 0
        self._block = block
        self._bytes: Bytes = np.frombuffer(block, np.uint8)
        self._delimiter = delimiter
        self._quotes = self._delimiters = self._inner = np.empty(0, np.int64)
        self._first_delimiter = np.empty(0, np.int64)
        self._trimmed: list[Positions] = []

    def measure(self) -> None:
        """Finds the records."""
        text = self._bytes
        newlines: Positions = np.flatnonzero(text == _NEWLINE)
        quotes: Positions = np.flatnonzero(text == _QUOTE)
        outside = np.searchsorted(quotes, newlines) % 2 == 0
        ends = newlines[outside]
        first_odd = self._first_odd(quotes, ends)
        if first_odd is not None:
            self.clean = False
            ends = ends[: np.searchsorted(ends, first_odd)]
        self._take_records(newlines, quotes, ends)

    def _first_odd(self, quotes: Positions, ends: Positions) -> int | None:
        """Where the first thing stands that a clean file does not have, if anywhere."""
        text = self._bytes
        odd = []
        # The last byte of a block has no neighbour yet.
        inside = quotes[: np.searchsorted(quotes, len(text) - 1)]
        openers, closers = inside[0::2], inside[1::2]
        if len(openers):
            before = np.where(openers == 0, _NEWLINE, text[openers - 1])
            odd.append(openers[~self._parts(before)])
            odd.append(closers[~self._parts(text[closers + 1])])
        starts = np.concatenate((np.zeros(1, np.int64), ends + 1))
        lengths = np.diff(np.concatenate((starts, [len(text)])))
        odd.append(starts[lengths > LONGEST_RECORD])
        places = np.concatenate(odd)
        return int(places.min()) if len(places) else None

    def _parts(self, characters: Bytes) -> npt.NDArray[np.bool_]:
        """Which characters may stand beside a quote."""
        result: npt.NDArray[np.bool_] = (
            (characters == _NEWLINE) | (characters == self._delimiter) | (characters == _QUOTE)
        )
        return result

    def _take_records(self, newlines: Positions, quotes: Positions, ends: Positions) -> None:
        if not len(ends):
            return
        self.size = int(ends[-1]) + 1
        self.ends = ends
        self.starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
        ending = np.searchsorted(newlines, ends)
        self.lines = int(ending[-1]) + 1
        self.line_offsets = np.concatenate((np.zeros(1, np.int64), ending[:-1] + 1))
        inner = newlines[: self.lines]
        self._inner = np.delete(inner, ending)
        self._quotes = quotes[: np.searchsorted(quotes, self.size)]
        delimiters: Positions = np.flatnonzero(self._bytes[: self.size] == self._delimiter)
        if len(self._quotes):
            delimiters = delimiters[np.searchsorted(self._quotes, delimiters) % 2 == 0]
        self._delimiters = delimiters
        until = np.searchsorted(delimiters, ends)
        self._first_delimiter = np.concatenate((np.zeros(1, np.int64), until[:-1]))
        self.found = until - self._first_delimiter + 1

    def record(self, index: int) -> bytes:
        """A record as it stands in the file."""
        return self._block[int(self.starts[index]) : int(self.ends[index])]

    def trim(self, cells: int) -> None:
        """Drops surplus cells at the end of records, where nothing but delimiters stands."""
        over = np.flatnonzero(self.found > cells)
        surplus = self.found[over] - cells
        start = self._delimiters[self._first_delimiter[over] + cells - 1]
        empty = self.ends[over] - start == surplus
        over, surplus, start = over[empty], surplus[empty], start[empty]
        for offset in range(int(surplus.max(initial=0))):
            self._trimmed.append(start[surplus > offset] + offset)
        self.found[over] = cells

    def trim_odd(self, index: int, surplus: int) -> bool:
        """Drops one record's surplus cells, where they are empty but quoted or blank."""
        if surplus <= 0:
            return False
        last = int(self._first_delimiter[index] + self.found[index] - 1)
        start, end = int(self._delimiters[last - surplus]), int(self.ends[index])
        cells = self._block[start + 1 : end].split(bytes([self._delimiter]))
        if any(cell.strip(b" ") not in (b"", b'""') for cell in cells):
            return False
        self._trimmed.append(np.arange(start, end))
        return True

    def text(self, lines: Positions, drop: npt.NDArray[np.bool_]) -> bytes:
        """The records that stay, one a line, each led by its line number."""
        text = self._bytes[: self.size].copy()
        text[self._delimiters] = CELL_END
        text[self._inner] = INNER_NEWLINE
        keep = np.ones(self.size, np.bool_)
        self._unquote(keep)
        for places in self._trimmed:
            keep[places] = False
        for index in np.flatnonzero(drop):
            keep[self.starts[index] : self.ends[index] + 1] = False
        lengths = np.add.reduceat(keep, self.starts, dtype=np.int64)[~drop]
        return _with_line_numbers(text[keep], lengths, lines[~drop])

    def _unquote(self, keep: npt.NDArray[np.bool_]) -> None:
        """Of a doubled quote one stays; all others go."""
        keep[self._quotes] = False
        openers = self._quotes[0::2]
        doubled = (openers > 0) & (self._bytes[openers - 1] == _QUOTE)
        # The opener of a doubled quote touches the closer before it, by parity.
        keep[openers[doubled]] = True


def lay_out(block: bytes, delimiter: bytes) -> Layout:
    """The layout of a block that starts at the start of a record."""
    layout = Layout(block, delimiter[0])
    layout.measure()
    return layout


def _with_line_numbers(text: Bytes, lengths: Positions, lines: Positions) -> bytes:
    if not len(lines):
        return b""
    width = LINE_DIGITS + 1
    prefixes = np.full((len(lines), width), CELL_END, np.uint8)
    prefixes[:, :-1] = lines[:, None] // _POWERS % 10 + ord("0")
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths[:-1] + width)))
    places = starts[:, None] + np.arange(width)
    result = np.empty(len(text) + prefixes.size, np.uint8)
    rest = np.ones(len(result), np.bool_)
    rest[places] = False
    result[places] = prefixes
    result[rest] = text
    return result.tobytes()
