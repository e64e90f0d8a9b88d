"""The bytes of files: one file each under the org's folder, named at random.

Bytes are on disk before the transaction that names them commits, and go after the one that lets
go of them has: a crash between the two leaves a file that nothing names, which the next start
removes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb

from local_org.store import Store

FOLDER = "files"
INCOMING = "incoming"


@dataclass(frozen=True)
class Blob:
    """Bytes that have arrived: their name, their size, and their MD5 in hexadecimal."""

    name: str
    size: int
    md5: str


class Intake:
    """Takes in the bytes of one request; what nothing has adopted at its end is removed."""

    def __init__(self, folder: Path) -> None:
        """Write below the org's folder."""
        self._folder = folder / FOLDER / INCOMING
        self._names: list[str] = []
        self._file: BinaryIO | None = None
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)

    def begin(self) -> None:
        """Begin another blob."""
        name = secrets.token_hex(16)
        self._names.append(name)
        self._file = (self._folder / name).open("xb")
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)

    def write(self, block: bytes) -> int:
        """Add to the blob at hand; gives its size so far."""
        assert self._file is not None
        self._file.write(block)
        self._md5.update(block)
        self._size += len(block)
        return self._size

    def finish(self) -> Blob:
        """Close the blob at hand."""
        assert self._file is not None
        self._file.close()
        self._file = None
        return Blob(self._names[-1], self._size, self._md5.hexdigest())

    def sync(self) -> None:
        """Have every blob on disk, for good."""
        for name in self._names:
            _sync(self._folder / name)

    def close(self, store: Store) -> None:
        """Remove what no committed version names."""
        if self._file is not None:
            self._file.close()
        for name in self._names:
            (self._folder / name).unlink(missing_ok=True)
        adopted = [name for name in self._names if blob_path(store.folder, name).exists()]
        if adopted:
            marks = ", ".join("?" for _ in adopted)
            rows = store.rows(
                'select "VersionData" as name from data."ContentVersion" '
                f'where "VersionData" in ({marks})',
                adopted,
            )
            for name in set(adopted) - {row["name"] for row in rows}:
                blob_path(store.folder, name).unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def blob_path(folder: Path, name: str) -> Path:
    """Give the place of adopted bytes."""
    return folder / FOLDER / name


def adopt(folder: Path, names: list[str]) -> None:
    """Move blobs to where they stay; for use in the transaction that names them."""
    for name in names:
        (folder / FOLDER / INCOMING / name).rename(blob_path(folder, name))
    if names:
        _sync(folder / FOLDER)


def release(cursor: duckdb.DuckDBPyConnection) -> None:
    """Let go of the bytes of versions that are deleted, in the transaction that deletes them."""
    gone = 'from data."ContentVersion" where "IsDeleted" and "VersionData" is not null'
    cursor.execute(f'insert into org.unlinked select "VersionData" {gone}')
    cursor.execute(
        'update data."ContentVersion" set "VersionData" = null '
        'where "IsDeleted" and "VersionData" is not null'
    )


def collect(store: Store) -> None:
    """Remove the bytes that committed transactions let go of."""
    if not store.rows("from org.unlinked limit 1"):
        return
    with store.write() as cursor:
        for (name,) in cursor.execute("select name from org.unlinked").fetchall():
            blob_path(store.folder, name).unlink(missing_ok=True)
        cursor.execute("delete from org.unlinked")


def clear(store: Store) -> None:
    """Make the folders, and remove every file that no version names: what a crash left."""
    folder = store.folder / FOLDER
    (folder / INCOMING).mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder / INCOMING).iterdir():
        path.unlink()
    collect(store)
    found = {path.name for path in folder.iterdir() if path.name != INCOMING}
    if found:
        rows = store.rows('select "VersionData" as name from data."ContentVersion"')
        for name in found - {row["name"] for row in rows}:
            (folder / name).unlink()
