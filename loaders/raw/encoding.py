"""Bytes of any encoding as clean UTF-8: line ends are LF, control characters are gone, counted."""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# Laying out a chunk takes some sixteen times its size.
CHUNK = 1 << 20

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python calls these text encodings too; no export is written in one.
_NO_FILE_ENCODINGS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
CONTROLS = bytes(c for c in (*range(32), 127) if c not in b"\t\n")
# U+0080 to U+009F, the other control characters, as UTF-8 writes them.
_C1_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
_UNREADABLE = "\N{REPLACEMENT CHARACTER}".encode()


@dataclass
class Tally:
    """What decoding changed, counted."""

    control_characters: int = 0
    unreadable: int = 0


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """A file's bytes; those inside, where it is a .gz. A damaged .gz is an OSError or EOFError."""
    if path.suffix.lower() == ".gz":
        try:
            with gzip.open(path) as stream:
                yield stream  # type: ignore[misc]
        except zlib.error as error:
            raise gzip.BadGzipFile(str(error)) from None
    else:
        with path.open("rb") as stream:
            yield stream


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """A stream, a megabyte at a time."""
    while chunk := stream.read(CHUNK):
        yield chunk


def known(encoding: str) -> bool:
    """Whether this is an encoding text files come in."""
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError):
        return False
    return codec._is_text_encoding and codec.name not in _NO_FILE_ENCODINGS


def bom_encoding(start: bytes) -> str | None:
    """The encoding a byte order mark at the start of a file tells, if there is one."""
    return next((encoding for bom, encoding in _BOMS if start.startswith(bom)), None)


def reads_as_utf8(path: Path) -> bool:
    """Whether all of a file is valid UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with open_bytes(path) as stream:
            for chunk in chunks(stream):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def utf8_chunks(stream: IO[bytes], encoding: str, tally: Tally) -> Iterator[bytes]:
    """A stream as UTF-8 with LF line ends and no control character but tab and newline.

    Bytes the encoding does not know (cp1252 has five) become U+FFFD, counted in the tally.
    """
    held_back = b""
    for decoded in _decoded(stream, encoding):
        chunk = held_back + decoded
        # A CR at the end may be half of a CRLF: it waits for the next chunk.
        held_back = b"\r" if chunk.endswith(b"\r") else b""
        yield _clean(chunk[: len(chunk) - len(held_back)], tally)
    if held_back:
        yield b"\n"


def _decoded(stream: IO[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    ascii_superset = _extends_ascii(encoding)
    for chunk in chunks(stream):
        # Most chunks of most files need no decoding, only the proof that they do not.
        if ascii_superset and chunk.isascii() and not decoder.getstate()[0]:
            yield chunk
        else:
            yield decoder.decode(chunk).encode("utf-8", "replace")
    if rest := decoder.decode(b"", final=True):
        yield rest.encode("utf-8", "replace")


def _extends_ascii(encoding: str) -> bool:
    ascii_bytes = bytes(range(128))
    try:
        stateless = not codecs.lookup(encoding).name.startswith(("utf-7", "iso2022", "hz"))
        return stateless and ascii_bytes.decode(encoding).encode("utf-8") == ascii_bytes
    except UnicodeError:
        return False


def _clean(chunk: bytes, tally: Tally) -> bytes:
    if b"\r" in chunk:
        chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    stripped = chunk.translate(None, CONTROLS)
    tally.control_characters += len(chunk) - len(stripped)
    if not stripped.isascii():
        stripped, found = _C1_CONTROLS.subn(b"", stripped)
        tally.control_characters += found
        tally.unreadable += stripped.count(_UNREADABLE)
    return stripped
