"""What a page of a query job's result holds: its columns, and how many rows."""

import csv
from pathlib import Path

_BLOCK = 1 << 20
_NEITHER_QUOTE_NOR_BREAK = bytes(set(range(256)) - set(b'"\n'))


def columns(page: Path) -> list[str]:
    """The columns of a CSV file, none where the file is empty."""
    with page.open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines), [])


def rows(page: Path) -> int | None:
    """How many rows follow the header; None where the file ends within a value.

    Line breaks within values count for nothing.
    """
    lines, inside, end = 0, False, b"\n"
    with page.open("rb") as file:
        while block := file.read(_BLOCK):
            end = block[-1:]
            # Two quotes with no break between them begin nothing and end nothing.
            left = block.translate(None, _NEITHER_QUOTE_NOR_BREAK).replace(b'""', b"")
            parts = left.split(b'"')
            lines += sum(part.count(b"\n") for part in parts[inside::2])
            inside ^= len(parts) % 2 == 0
    if inside:
        return None
    return max(lines + (end != b"\n") - 1, 0)
