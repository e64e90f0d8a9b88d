"""Opens a deploy's zip and gives its files: none can reach beyond it, or fill the memory."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path

MAX_FILES = 10_000
MAX_UNZIPPED = 400_000_000
# What is read as XML at all: a whole org's metadata is far below, and elements cost memory.
MAX_READ = 40_000_000
CHUNK = 1 << 16
# What zipfile and what it unpacks with raise for bytes that are damaged.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


class ArchiveError(Exception):
    """A zip that is not one, or not one to open; the text goes into the deploy's result."""


def read_archive(path: Path) -> dict[str, bytes]:
    """Give the files of a zip by name; raises ArchiveError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    # RuntimeError, one of its kinds, is zipfile's word for a way of packing that it cannot read.
    except (*_DAMAGED, RuntimeError) as error:
        raise ArchiveError("The zip file is not valid") from error


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise ArchiveError(f"The zip file holds more than {MAX_FILES} files")
    files: dict[str, bytes] = {}
    unzipped = 0
    for entry in entries:
        name = entry.filename
        _check_name(name)
        if entry.flag_bits & 1:
            raise ArchiveError("The zip file is encrypted")
        if name in files:
            raise ArchiveError(f"The zip file holds {name} twice")
        data = bytearray()
        with archive.open(entry) as stream:
            # What the headers say of sizes is the sender's word: what comes out is counted.
            while chunk := stream.read(CHUNK):
                unzipped += len(chunk)
                if unzipped > MAX_UNZIPPED:
                    raise ArchiveError(
                        f"The zip file is larger than {MAX_UNZIPPED} bytes when unzipped"
                    )
                if unzipped <= MAX_READ:
                    data += chunk
        if not name.endswith("/"):
            files[name] = bytes(data)
    if unzipped > MAX_READ:
        raise ArchiveError(f"The local org reads no more than {MAX_READ} bytes of metadata")
    return files


def _check_name(name: str) -> None:
    """Refuse a name that means a place outside, or a different one to different readers."""
    parts = name.rstrip("/").split("/")
    odd = any(part in ("", ".", "..") for part in parts)
    if odd or "\\" in name or ":" in parts[0] or any(ord(char) < 32 for char in name):
        raise ArchiveError("The zip file holds a path that is not allowed")
