"""Documents by content: `raw/files/<first two digits>/<sha256>`, each kept once, none changed.

The store belongs to all generations. What a set brings is put here before its generation becomes
current, so a landing that fails leaves at most files nobody names, which the next one removes.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from loaders.home import Home
from loaders.raw.encoding import chunks

# What stands in a landed cell whose value is kept as a document, before the digest.
_IN_CELL = "file:sha256:"
_DIGEST = re.compile("[0-9a-f]{64}")


def in_cell(kept: "Kept") -> str:
    """What a cell says whose value is in the store."""
    return f"{_IN_CELL}{kept.sha256}"


def looks_kept(value: str | bytes) -> bool:
    """Whether a cell's own value could be taken for one that is in the store."""
    start = _IN_CELL if isinstance(value, str) else _IN_CELL.encode()
    return value.startswith(start)  # type: ignore[arg-type]


def digest_in_cell(value: str) -> str | None:
    """The digest of a value that is in the store, None where the cell holds the value itself."""
    digest = value.removeprefix(_IN_CELL)
    return digest if digest != value and _DIGEST.fullmatch(digest) else None


def kept_digest(column: str) -> str:
    """SQL for the same as `digest_in_cell`."""
    return f"nullif(regexp_extract({column}, '^{_IN_CELL}([0-9a-f]{{64}})$', 1), '')"


@dataclass(frozen=True)
class Kept:
    """A document in the store: its digest and how many bytes it has."""

    sha256: str
    bytes: int

    @property
    def path(self) -> str:
        """Where it lies below MIGRATION_HOME."""
        return f"raw/files/{self.sha256[:2]}/{self.sha256}"


@dataclass(frozen=True)
class Store:
    """The documents of one MIGRATION_HOME."""

    home: Home

    def find(self, kept: Kept) -> Path:
        """Where a document is."""
        return self.home.path / kept.path

    def keep(self, content: bytes) -> Kept:
        """Keeps bytes."""
        kept = Kept(hashlib.sha256(content).hexdigest(), len(content))
        target = self._room(kept)
        if not target.exists():
            unfinished = _unfinished(target)
            with _private(unfinished) as out:
                out.write(content)
                _settle(out)
            unfinished.replace(target)
        return kept

    def keep_file(self, path: Path, own: bool) -> Kept:
        """Keeps a file: by a link where it is `own` (unpacked by us), else by a copy.

        A file of the practice's is copied, never linked: an export program that writes over it
        would change what is kept. Raises OSError where it cannot be read.
        """
        with _open(path) as source:
            kept = _digest(source)
            target = self._room(kept)
            if target.exists():
                return kept
            unfinished = _unfinished(target)
            unfinished.unlink(missing_ok=True)
            if own and _linked(path, unfinished):
                unfinished.chmod(0o600)
                os.fsync(source.fileno())
            else:
                source.seek(0)
                with _private(unfinished) as out:
                    shutil.copyfileobj(source, out, 1 << 20)
                    _settle(out)
                if (copied := _digest_of(unfinished)) != kept:
                    # It was written to meanwhile: what was copied is what there is.
                    kept, target = copied, self._room(copied)
            unfinished.replace(target)
        return kept

    def prune(self, named: Iterable[str]) -> int:
        """Removes every document but those whose digests are named; gives how many."""
        wanted, removed = frozenset(named), 0
        for file in (self.home.raw / "files").glob("*/*"):
            if file.name not in wanted:
                file.unlink()
                removed += 1
        return removed

    def _room(self, kept: Kept) -> Path:
        target = self.find(kept)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.parent.parent.chmod(0o700)
        return target


def _open(path: Path) -> IO[bytes]:
    """A file, never what a link of its name leads to."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def _unfinished(target: Path) -> Path:
    """Where a document is written: two processes may keep the same one at once."""
    return target.with_suffix(f".{os.getpid()}")


def _private(path: Path) -> IO[bytes]:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _settle(out: IO[bytes]) -> None:
    out.flush()
    os.fsync(out.fileno())


def _linked(path: Path, target: Path) -> bool:
    try:
        os.link(path, target)
    except OSError:  # a file system without hard links
        return False
    return True


def _digest(stream: IO[bytes]) -> Kept:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks(stream):
        digest.update(chunk)
        size += len(chunk)
    return Kept(digest.hexdigest(), size)


def _digest_of(path: Path) -> Kept:
    with path.open("rb") as stream:
        return _digest(stream)
