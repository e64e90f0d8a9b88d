"""The first sheet of an .xlsx workbook, row by row; no formula is run, no link followed."""

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

import openpyxl

from loaders.errors import UserError
from loaders.raw.cells import CellWriter, clean_cell
from loaders.raw.encoding import Tally
from loaders.raw.records import Facts
from loaders.raw.trailers import trailer_count

_MOST_ROWS = 1 << 20
_HEADER_WITHIN = 20
_HIGHEST_RATIO = 200
_ALWAYS_ALLOWED = 256 << 20
# openpyxl holds all texts of a workbook in memory.
_MOST_TEXTS = 512 << 20
_OLE = b"\xd0\xcf\x11\xe0"
# How a workbook writes control characters: `_x000D_` is a carriage return.
_ESCAPED = re.compile("_x00([01][0-9A-Fa-f])_")
_PROGRESS_EVERY = 10_000
_SAVE_AGAIN = "Save it again as .xlsx, or export the table as CSV."

Row = tuple[int, Sequence[Any]]


def workbook_header(path: Path, shown: str) -> tuple[tuple[str, ...], int]:
    """The names in the first row that holds anything, and that row's number.

    Raises UserError where the file is no workbook, or none to be trusted.
    """
    with _rows(path, shown) as rows:
        for number, row in rows:
            cells = _trimmed([_text(value) for value in row])
            if any(cell.strip() for cell in cells):
                return tuple(" ".join(clean_cell(c, Tally()).split()) for c in cells), number
            if number > _HEADER_WITHIN:
                break
    raise UserError(f"{shown} is empty: its first sheet has no header.", "Export it again.")


def write_workbook(
    path: Path,
    shown: str,
    header_row: int,
    cells: int,
    tally: Tally,
    out: IO[bytes],
    refused: IO[bytes],
    progress: Callable[[int], None],
) -> Facts:
    """Writes the rows below the header as clean text; `_line` is the sheet's row number."""
    writer = CellWriter(out, refused)
    with _rows(path, shown) as rows:
        for number, row in rows:
            if number <= header_row:
                continue
            found = _trimmed([clean_cell(_text(value), tally) for value in row])
            if not found:
                continue
            short = len(found) < cells
            count = trailer_count(" ".join(found).encode(), b" ") if short else None
            if count is not None:
                writer.facts.trailer = count
            elif len(found) > cells:
                writer.refuse(number, f"expected {cells} cells, found {len(found)}")
            else:
                writer.write(number, [*found, *[""] * (cells - len(found))])
            if number % _PROGRESS_EVERY == 0:
                progress(number)
    return writer.facts


@contextmanager
def _rows(path: Path, shown: str) -> Iterator[Iterator[Row]]:
    """The first sheet's rows with their numbers; empty ones have no cells."""
    _refuse_hostile(path, shown)
    try:
        with warnings.catch_warnings():
            # About validations and styles, which no row depends on.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                sheet = book.worksheets[0]
                # What a file says of its size is often wrong, and would cut rows off.
                sheet.reset_dimensions()
                yield _numbered(sheet.iter_rows(values_only=True), shown)
            finally:
                book.close()
    except (UserError, OSError):
        raise
    except Exception as error:
        # openpyxl raises whatever its code stumbles over in a damaged workbook.
        raise UserError(
            f"{shown} cannot be read as a workbook: {type(error).__name__}.", _SAVE_AGAIN
        ) from None


def _numbered(rows: Iterator[Sequence[Any]], shown: str) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if number > _MOST_ROWS:
            raise UserError(f"{shown} claims more rows than a sheet can have.", _SAVE_AGAIN)
        yield number, row


def _refuse_hostile(path: Path, shown: str) -> None:
    with path.open("rb") as stream:
        if stream.read(4) == _OLE:
            raise UserError(
                f"{shown} is protected by a password, or an old .xls file.",
                "Save it as .xlsx without a password.",
            )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            texts = sum(m.file_size for m in members if m.filename.endswith("sharedStrings.xml"))
            if total > max(_ALWAYS_ALLOWED, path.stat().st_size * _HIGHEST_RATIO):
                raise UserError(
                    f"{shown} is refused: it would unpack to {total >> 20:,} MB, out of proportion"
                    " to its size.",
                    _SAVE_AGAIN,
                )
            if texts > _MOST_TEXTS:
                raise UserError(
                    f"{shown} holds {texts >> 20:,} MB of text, too much for a workbook.",
                    "Export the table as CSV.",
                )
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as part:
                        _refuse_doctype(part, shown)
    except UserError:
        raise
    except Exception as error:
        # zipfile and zlib raise whatever they stumble over, too.
        raise UserError(f"{shown} is no workbook: {type(error).__name__}.", _SAVE_AGAIN) from None


def _refuse_doctype(part: IO[bytes], shown: str) -> None:
    """A workbook has no DOCTYPE; with one come entities, which can grow or reach outside."""
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: seen.append("doctype")
    parser.StartElementHandler = lambda *_: seen.append("element")
    try:
        while not seen and (chunk := part.read(4096)):
            parser.Parse(chunk)
    except expat.ExpatError:
        # Left to openpyxl, which needs only some of the parts.
        if not seen:
            return
    if seen and seen[0] == "doctype":
        raise UserError(f"{shown} is refused: it declares XML entities.", _SAVE_AGAIN)


def _trimmed(cells: list[str]) -> list[str]:
    """Cells without empty ones at their end, of which a sheet may claim thousands."""
    last = max((i for i, cell in enumerate(cells) if cell.strip()), default=-1)
    return cells[: last + 1]


def _text(value: Any) -> str:
    """A cell as the text an export would hold."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d 00:00:00")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    return str(value)


def number_text(value: float) -> str:
    """A float as people write it: 12 for 12.0, no exponent, the 15 digits that are certain."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    if "e" in text:
        text = f"{value:.20f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"
    return text
