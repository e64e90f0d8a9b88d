"""One record at a time, for the places where the quotes of a file do not add up.

The fast reader (`records`) hands a record over when a quote stands where none should. What can
be read without a doubt is read; a quote that opens and never closes costs its own line only.
"""

import re
from dataclasses import dataclass
from functools import cache

# A quoted cell longer than this is taken for a quote that never closes.
LONGEST_RECORD = 1 << 20


@dataclass(frozen=True)
class Record:
    """Cells without their quotes, where the next record starts, and what was odd."""

    cells: tuple[bytes, ...]
    next: int
    stray_quotes: int = 0
    unclosed: bool = False


@dataclass(frozen=True)
class Patterns:
    """What cells look like: quoted well, quoted badly, the start of a quoted one, bare."""

    strict: re.Pattern[bytes]
    lenient: re.Pattern[bytes]
    opens: re.Pattern[bytes]
    bare: re.Pattern[bytes]


@cache
def patterns(delimiter: bytes) -> Patterns:
    """The patterns of a file with this delimiter."""
    end = rb"(?=" + re.escape(delimiter) + rb"|\n)"
    return Patterns(
        strict=re.compile(rb'[ ]*+"((?:[^"]++|"")*+)"[ ]*+' + end),
        # An undoubled quote inside a quoted cell is text, so long as the cell ends on its line:
        # beyond it, rows would melt into one another.
        lenient=re.compile(rb'[ ]*+"([^\n]*?)"[ ]*+' + end),
        opens=re.compile(rb'[ ]*+"'),
        bare=re.compile(rb"[^\n" + re.escape(delimiter) + rb"]*+"),
    )


def read_record(block: bytes, start: int, delimiter: bytes) -> Record:
    """The record that starts at `start`; the block must hold a newline after it."""
    known = patterns(delimiter)
    limit = start + LONGEST_RECORD
    cells: list[bytes] = []
    stray = 0
    position = start
    while True:
        if not known.opens.match(block, position):
            match = known.bare.match(block, position)
            cell = match[0] if match else b""
            stray += b'"' in cell
        else:
            match = known.strict.match(block, position, limit)
            if match is None:
                match = known.lenient.match(block, position, limit)
                stray += 1
            if match is None:
                end_of_line = block.index(b"\n", start)
                return Record(tuple(cells), end_of_line + 1, unclosed=True)
            cell = match[1].replace(b'""', b'"')
        cells.append(cell)
        position = match.end() if match else position
        if block[position] == 10:
            return Record(tuple(cells), position + 1, stray)
        position += 1
