"""A first look at a file: is it text at all, which encoding, which delimiter, which header."""

from dataclasses import dataclass
from pathlib import Path

from loaders.errors import UserError
from loaders.raw.careful import Record, read_record
from loaders.raw.contract.names import plain
from loaders.raw.encoding import (
    CONTROLS,
    Tally,
    bom_encoding,
    open_bytes,
    reads_as_utf8,
    utf8_chunks,
)

DELIMITERS = (",", ";", "|", "\t")
_SAMPLE_LINES = 20
_SAMPLE_BYTES = 1 << 16
_NOT_TEXT = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "compressed"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "an RTF document"),
)


@dataclass(frozen=True)
class Survey:
    """How to read a file: encoding, delimiter, header, and where the rows begin."""

    encoding: str
    guessed: bool
    delimiter: str
    header: tuple[str, ...]
    first_line: int
    cells: int


def survey(path: Path, shown: str, declared: str | None, known_names: frozenset[str]) -> Survey:
    """Looks at a file's start (all of it where the encoding must be found out).

    `known_names` are the contract's column names, plain: a header that holds some tells the
    delimiter. Raises UserError where the file is no text, or empty.
    """
    start = start_of(path, shown)
    encoding, guessed = find_encoding(path, start, declared)
    _refuse_binary(start, encoding, shown)
    with open_bytes(path) as stream:
        text = _beginning(stream, encoding)
    if not text.strip():
        raise UserError(
            f"{shown} is empty: it has not even a header.",
            "Export it again; where the table has no rows the header must still be there.",
        )
    delimiter, position, line = _told_delimiter(text)
    delimiter = delimiter or _sniff(text[position:], known_names, shown)
    header, start_of_rows, line = _read_header(text, position, line, delimiter, shown)
    cells = _cells(text, start_of_rows, delimiter, header)
    return Survey(encoding, guessed, delimiter, header[:cells], line, cells)


def start_of(path: Path, shown: str) -> bytes:
    """A file's first bytes. Raises UserError where they cannot be read."""
    try:
        with open_bytes(path) as stream:
            return stream.read(_SAMPLE_BYTES)
    except (OSError, EOFError) as error:
        raise UserError(
            f"{shown} cannot be read: {getattr(error, 'strerror', None) or 'damaged .gz file'}.",
            "Export it again.",
        ) from error


def find_encoding(path: Path, start: bytes, declared: str | None) -> tuple[str, bool]:
    """The encoding of a text file, and whether nobody said so."""
    if by_bom := bom_encoding(start):
        return by_bom, False
    if declared:
        return declared, False
    return ("utf-8" if reads_as_utf8(path) else "cp1252"), True


def _refuse_binary(start: bytes, encoding: str, shown: str) -> None:
    kind = next((what for magic, what in _NOT_TEXT if start.startswith(magic)), None)
    hint = "Export the table as CSV through ODBC."
    if kind is None and not encoding.startswith(("utf-16", "utf-32")):
        if start[1:4096:2].count(0) > len(start[:4096]) / 4 and not start[0:4096:2].count(0):
            kind, hint = "UTF-16 without a mark", "Say `encoding: utf-16-le` in export.yml."
        elif _looks_binary(start):
            kind = "binary"
    if kind:
        raise UserError(f"{shown} is no CSV: it is {kind}.", hint)


def _looks_binary(start: bytes) -> bool:
    """Control characters in the header, and many of them: dirt alone does not do that."""
    stripped = len(start) - len(start.translate(None, CONTROLS.replace(b"\r", b"")))
    header = start.lstrip(b"\r\n").splitlines()[:1]
    dirty_header = bool(header) and header[0] != header[0].translate(None, CONTROLS)
    return dirty_header and stripped > len(start) / 20


def _beginning(stream: object, encoding: str) -> bytes:
    """At least a few lines of the file as clean UTF-8, ending in a newline."""
    text = b""
    for chunk in utf8_chunks(stream, encoding, Tally()):  # type: ignore[arg-type]
        text += chunk
        if text.count(b"\n", 0, _SAMPLE_BYTES) > _SAMPLE_LINES or len(text) > 1 << 21:
            break
    return text if text.endswith(b"\n") else text + b"\n"


def _told_delimiter(text: bytes) -> tuple[str | None, int, int]:
    """Excel's `sep=;` line, where there is one; the place and line where the header may be."""
    position, line = 0, 1
    while text.startswith((b"\n", b" \n"), position):
        position, line = text.index(b"\n", position) + 1, line + 1
    first = text[position : text.index(b"\n", position)].decode("utf-8", "replace")
    if first.lower().startswith("sep=") and first[4:5] in DELIMITERS and len(first) <= 5:
        return first[4], position + len(first) + 1, line + 1
    return None, position, line


def _sniff(text: bytes, known_names: frozenset[str], shown: str) -> str:
    def score(delimiter: str) -> tuple[int, float, int]:
        records = _records(text, delimiter)
        counts = [len(record.cells) for record in records if not record.unclosed]
        if not counts or counts[0] < 2:
            return (0, 0.0, 0)
        named = sum(plain(_text(cell)) in known_names for cell in records[0].cells)
        alike = sum(count == counts[0] for count in counts) / len(counts)
        return (named, alike, counts[0])

    # A header of one column has no delimiter: the comma, which comes first, is as good as any.
    return max(DELIMITERS, key=score)


def _records(text: bytes, delimiter: str) -> list[Record]:
    records: list[Record] = []
    position = 0
    while position < len(text) and len(records) < _SAMPLE_LINES:
        record = read_record(text, position, delimiter.encode())
        if text[position : record.next].strip():
            records.append(record)
        position = record.next
    return records


def _text(cell: bytes) -> str:
    return cell.decode("utf-8", "replace")


def _read_header(
    text: bytes, position: int, line: int, delimiter: str, shown: str
) -> tuple[tuple[str, ...], int, int]:
    record = read_record(text, position, delimiter.encode())
    if record.unclosed:
        raise UserError(
            f"{shown}: a quote opens in the header (line {line}) and never closes.",
            "Export it again.",
        )
    names = tuple(" ".join(_text(cell).split()) for cell in record.cells)
    return names, record.next, line + text.count(b"\n", position, record.next)


def _cells(text: bytes, position: int, delimiter: str, header: tuple[str, ...]) -> int:
    """How many cells a row has: the header's, less nameless ones at its end that rows lack."""
    named = max((i + 1 for i, name in enumerate(header) if name), default=len(header))
    if named == len(header):
        return named
    counts = [len(record.cells) for record in _records(text[position:], delimiter)]
    return len(header) if counts.count(len(header)) * 2 > len(counts) else named
