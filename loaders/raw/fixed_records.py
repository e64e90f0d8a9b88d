"""Fixed-length records of a .dat file, as its layout tells, a few megabytes at a time."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from loaders.errors import UserError
from loaders.raw.cells import CellWriter, clean_cell
from loaders.raw.encoding import Tally
from loaders.raw.layout import Field, Layout
from loaders.raw.records import Facts
from loaders.raw.workbook import number_text

_CHUNK = 4 << 20
_NUMPY = {
    "uint16": "<u2",
    "uint32": "<u4",
    "int16": "<i2",
    "int32": "<i4",
    "float64": "<f8",
    "date_yyyymmdd": "<u4",
    "cents_int32": "<i4",
}

Block = npt.NDArray[np.uint8]


def reads_as_utf8(path: Path, layout: Layout) -> bool:
    """Whether all texts of all records are valid UTF-8."""
    texts = [field for field in layout.fields if field.type == "text"]
    for _, block in _blocks(path, layout):
        for field in texts:
            places = block[:, field.offset : field.offset + field.length]
            for row in np.flatnonzero((places > 127).any(axis=1)):
                try:
                    places[row].tobytes().split(b"\0")[0].decode("utf-8")
                except UnicodeDecodeError:
                    return False
    return True


def write_records(
    path: Path,
    shown: str,
    layout: Layout,
    encoding: str,
    tally: Tally,
    out: IO[bytes],
    refused: IO[bytes],
    progress: Callable[[int], None],
) -> tuple[Facts, int]:
    """Writes the living records as clean text; `_line` is the record's number, from 1.

    Gives the counts and how many records are marked as dead. What stands behind the last whole
    record is refused. Raises UserError where the file ends before its records begin.
    """
    size = path.stat().st_size
    if size < layout.data_offset:
        raise UserError(
            f"{shown} is shorter than the data_offset of its layout.", "Correct the layout."
        )
    writer = CellWriter(out, refused)
    dead = 0
    for first, block in _blocks(path, layout):
        numbers = np.arange(first, first + len(block))
        if layout.deleted_offset is not None:
            marks = np.isin(block[:, layout.deleted_offset], sorted(layout.deleted_values))
            dead += int(np.count_nonzero(marks))
            numbers, block = numbers[~marks], block[~marks]
        columns = [_texts(block, field, encoding, tally) for field in layout.fields]
        for number, cells in zip(numbers.tolist(), zip(*columns, strict=True), strict=True):
            writer.write(number, cells)
        progress((first + len(numbers)) * layout.record_length)
    records, rest = divmod(size - layout.data_offset, layout.record_length)
    if rest:
        writer.refuse(records + 1, f"the file breaks off: {rest} bytes of a record")
    return writer.facts, dead


def _blocks(path: Path, layout: Layout) -> Iterator[tuple[int, Block]]:
    """Whole records as rows of bytes, and the number of the first of them."""
    length = layout.record_length
    with path.open("rb") as stream:
        stream.seek(layout.data_offset)
        first = 1
        while chunk := stream.read(max(1, _CHUNK // length) * length):
            records = len(chunk) // length
            if records:
                yield first, np.frombuffer(chunk, np.uint8, records * length).reshape(-1, length)
            first += records


def _texts(block: Block, field: Field, encoding: str, tally: Tally) -> list[str]:
    places = np.ascontiguousarray(block[:, field.offset : field.offset + field.length])
    if field.type == "text":
        return [_text(cell, encoding, tally) for cell in _cells(places)]
    numbers = places.view(_NUMPY[field.type])[:, 0].tolist()
    if field.type == "float64":
        return [number_text(number) for number in numbers]
    if field.type == "date_yyyymmdd":
        return [_date(number) for number in numbers]
    if field.type == "cents_int32":
        return [f"{'-' if n < 0 else ''}{abs(n) // 100}.{abs(n) % 100:02d}" for n in numbers]
    return [str(number) for number in numbers]


def _cells(places: Block) -> list[bytes]:
    cells: list[bytes] = places.view(f"S{places.shape[1]}")[:, 0].tolist()
    return cells


def _text(cell: bytes, encoding: str, tally: Tally) -> str:
    # A text ends at its first NUL: what stands behind it is whatever was there before.
    decoded = cell.split(b"\0", 1)[0].decode(encoding, "replace")
    tally.unreadable += decoded.count("\N{REPLACEMENT CHARACTER}")
    return clean_cell(decoded, tally)


def _date(number: int) -> str:
    if number == 0:
        return ""
    digits = str(number)
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else digits
