"""Rows of the formats that are no CSV, in the one clean text that `tables` reads."""

import re
from collections.abc import Sequence
from typing import IO

from loaders.raw.encoding import Tally
from loaders.raw.records import CELL_END, INNER_NEWLINE, LINE_DIGITS, Facts

# Between the name and the value of an unknown field, and between two such fields: free, like
# CELL_END, because control characters are stripped.
NAME_END = 0x1D
PAIR_END = 0x1E
# What DuckDB is told is the longest line, with room for the line number.
LONGEST_ROW = (4 << 20) - 64

_CELL_END, _NAME_END, _PAIR_END = chr(CELL_END), chr(NAME_END), chr(PAIR_END)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean_cell(value: str, tally: Tally) -> str:
    """A value without control characters but tab and newline, which are counted.

    Half of a surrogate pair, which no UTF-8 can hold, becomes U+FFFD.
    """
    if value.isprintable():
        return value
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    value, found = _CONTROLS.subn("", value)
    tally.control_characters += found
    value, found = _SURROGATES.subn("\N{REPLACEMENT CHARACTER}", value)
    tally.unreadable += found
    return value


def packed(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and values of unknown fields as one cell."""
    return _PAIR_END.join(f"{name}{_NAME_END}{value}" for name, value in pairs)


class CellWriter:
    """Writes clean rows to `out` and refused ones to `refused`, and counts both."""

    def __init__(self, out: IO[bytes], refused: IO[bytes]) -> None:
        self.facts = Facts()
        self._out = out
        self._refused = refused

    def write(self, line: int, cells: Sequence[str]) -> None:
        """A row of cells that are clean already."""
        text = _CELL_END.join((f"{line:0{LINE_DIGITS}d}", *cells))
        if "\n" in text:
            text = text.replace("\n", chr(INNER_NEWLINE))
            self.facts.inner_newlines = True
        row = text.encode()
        if len(row) > LONGEST_ROW:
            self.refuse(line, "longer than 4 MB")
            return
        self.facts.rows += 1
        self._out.write(row + b"\n")

    def refuse(self, line: int, reason: str) -> None:
        """A row that cannot be read; the reason may hold no value of it."""
        self.facts.rows += 1
        self.facts.unreadable += 1
        self._refused.write(f"{line}{_CELL_END}{reason}\n".encode())
