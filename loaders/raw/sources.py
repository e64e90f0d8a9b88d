"""Export sets on disk: folders and zips, their files and digests. Read only, never written to."""

import hashlib
import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from loaders.errors import UserError
from loaders.raw.encoding import chunks

# Text shrinks ten- to thirtyfold; what promises to grow beyond this is a bomb.
_HIGHEST_RATIO = 200
_ALWAYS_ALLOWED = 256 << 20
# The folder of a set that holds documents.
DOCUMENTS = "files"
# What zipfile and what it unpacks with raise for bytes that are damaged, and RuntimeError for a way
# of packing that they cannot read.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, EOFError, RuntimeError)


@dataclass(frozen=True)
class SourceFile:
    """One file of a set: its name below the set's folder, with `/`, and where to read it."""

    name: str
    path: Path


def set_folder(path: Path, shown: str, scratch: Callable[[], Path]) -> Path:
    """The folder that holds a set's export.yml; a zip is unpacked into a scratch folder first.

    Raises UserError where there is none, or the zip is not to be trusted.
    """
    if not path.exists():
        raise UserError(
            f"{shown} does not exist.", "Name a folder or a .zip that holds export.yml."
        )
    if path.is_dir():
        folder = path
    elif path.suffix.lower() == ".zip":
        folder = scratch()
        _unpack(path, shown, folder)
        folder = _inner_folder(folder)
    else:
        raise UserError(f"{shown} is neither a folder nor a .zip.", "Name the folder it is in.")
    if not (folder / "export.yml").is_file():
        raise UserError(
            f"{shown} holds no export.yml.",
            "Put one beside the files: system, product, practice, kind, time_zone, extracted_at.",
        )
    return folder


def set_files(folder: Path, shown: str) -> list[SourceFile]:
    """All files of a set but export.yml and hidden ones, by name.

    Links below `files/` are left out: what a document's row names is said of them, row by row.
    Raises UserError at any other link that leads out of the folder.
    """
    inside = folder.resolve()
    files = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts):
            continue
        if path.is_symlink() and is_document(name):
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            raise UserError(
                f"{shown}: {printable(name)} is a link that leads out of the folder.",
                "Put the file itself into the folder.",
            )
        if path.is_file() and name != "export.yml":
            files.append(SourceFile(name, path))
    return files


def is_document(name: str) -> bool:
    """Whether a file of this name below the set's folder is a document, no table."""
    return name.partition("/")[0].casefold() == DOCUMENTS and "/" in name


def set_id(export_yml: bytes, files: list[SourceFile], progress: Callable[[str], None]) -> str:
    """What identifies a set: SHA-256 over export.yml and the name and digest of every file."""
    whole = hashlib.sha256(hashlib.sha256(export_yml).digest())
    for file in files:
        # Documents are named after patients.
        progress(DOCUMENTS if is_document(file.name) else file.name)
        try:
            digest = _digest(file.path)
        except OSError as error:
            # One document among thousands costs itself, not the set.
            if not is_document(file.name):
                raise UserError(
                    f"{printable(file.name)} cannot be read: {error.strerror}.",
                    "Check its permissions.",
                ) from None
            digest = b"unreadable"
        whole.update(file.name.encode("utf-8", "surrogateescape") + b"\0" + digest)
    return whole.hexdigest()


def printable(name: str) -> str:
    """A file name fit for a terminal: control characters shown, not sent."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in name)


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in chunks(stream):
            digest.update(chunk)
    return digest.digest()


def _inner_folder(folder: Path) -> Path:
    """A zip of a folder holds that folder; a zip of its files does not."""
    if (folder / "export.yml").is_file():
        return folder
    inner = [p for p in folder.iterdir() if p.is_dir() and (p / "export.yml").is_file()]
    return inner[0] if len(inner) == 1 else folder


def _unpack(path: Path, shown: str, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            _refuse_hostile(members, shown)
            _refuse_bomb(members, shown, path.stat().st_size, shutil.disk_usage(folder).free)
            for member in members:
                target = folder / member.filename
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("xb") as out:
                    _copy(source, out, member.file_size)
    except (*_UNREADABLE, OSError) as error:
        raise UserError(
            f"{shown} cannot be unpacked: {_why(error)}.", "Make the zip again."
        ) from None


def _why(error: Exception) -> str:
    if isinstance(error, FileExistsError):
        return "it names a file twice"
    if isinstance(error, RuntimeError):
        return "it is packed in a way this version does not know"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is damaged or no zip"


def _copy(source: IO[bytes], out: IO[bytes], promised: int) -> None:
    """Copies a member and no more than it promised to hold."""
    written = 0
    while chunk := source.read(1 << 20):
        written += len(chunk)
        if written > promised:
            raise zipfile.BadZipFile
        out.write(chunk)


def _refuse_hostile(members: list[zipfile.ZipInfo], shown: str) -> None:
    for member in members:
        name = member.filename
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0] == "/" or ":" in parts[0] or "\0" in name:
            _refuse(shown, f"{printable(name)} would be written outside its folder")
        if stat.S_ISLNK(member.external_attr >> 16):
            _refuse(shown, f"{printable(name)} is a link")
        if member.flag_bits & 1:
            _refuse(shown, f"{printable(name)} is encrypted")


def _refuse_bomb(members: list[zipfile.ZipInfo], shown: str, size: int, free: int) -> None:
    total = sum(member.file_size for member in members)
    if total > max(_ALWAYS_ALLOWED, size * _HIGHEST_RATIO):
        _refuse(shown, f"it would unpack to {total >> 20:,} MB, out of proportion to its size")
    if total > free:
        _refuse(shown, "there is not enough room on disk")


def _refuse(shown: str, why: str) -> None:
    raise UserError(f"{shown} is refused: {why}.", "Nothing was unpacked. Make the zip again.")
