"""What became of the file that each row of Dental-Exec's docs names: found, kept, or why not."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from loaders.raw.derived import Rows
from loaders.raw.export_set import Landing
from loaders.raw.sources import DOCUMENTS as FOLDER
from loaders.raw.sql import text
from loaders.raw.store import Store

_LONGEST_NAME = 255
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Found:
    """A document's state: ok, missing, outside, link, empty or unreadable, and why."""

    status: str
    why: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    path: str | None = None


@dataclass
class Folder:
    """The files below a set's `files/`, found by name without regard to case."""

    exact: dict[str, Path] = field(default_factory=dict)
    alike: dict[str, list[str]] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    def add(self, name: str, path: Path) -> None:
        """Takes a file in."""
        self.exact[name] = path
        self.alike.setdefault(_alike(name), []).append(name)

    def find(self, name: str) -> Path | Found:
        """The one file of a name: exactly so, else in another case; or why there is none."""
        names = [name] if name in self.exact else self.alike.get(_alike(name), [])
        if len(names) > 1:
            return Found("missing", f"{len(names)} files differ from it in case only")
        if names:
            self.named.add(names[0])
            return self.exact[names[0]]
        folders = _alike(name).split("/")
        if any("/".join(folders[: i + 1]) in self.links for i in range(len(folders))):
            return Found("link", "it is a link, or lies behind one")
        return Found("missing", f"no such file below {FOLDER}/")


def read_folder(set_folder: Path) -> Folder:
    """The files below a set's `files/`. No link is followed."""
    found = Folder()
    for base in sorted(set_folder.iterdir()):
        if base.name.casefold() == FOLDER and base.is_dir() and not base.is_symlink():
            for folder, folders, files in os.walk(base):
                for name in (*folders, *files):
                    path = Path(folder, name)
                    shown = _shown(path.relative_to(base))
                    if path.is_symlink():
                        found.links.add(_alike(shown))
                    elif name in files:
                        found.add(shown, path)
    return found


def checked_name(relative_path: str | None) -> str | Found:
    """A report's path as a name below `files/`, or why it is refused."""
    name = (relative_path or "").strip().replace("\\", "/")
    if not name:
        return Found("missing", "the report names no file")
    if _CONTROLS.search(name):
        return Found("outside", "its path holds control characters")
    if _DRIVE.match(name) or name.startswith("/"):
        return Found("outside", f"its path does not begin at {FOLDER}/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        return Found("outside", f"its path leads out of {FOLDER}/")
    if any(len(part) > _LONGEST_NAME for part in parts):
        return Found("missing", f"its name is longer than {_LONGEST_NAME} characters")
    if not parts:
        return Found("missing", "the report names no file")
    return "/".join(parts)


def land_documents(landing: Landing, docs: Path, target: Path) -> None:
    """Writes doc_files for the rows of docs, and puts the files into the store."""
    folder = read_folder(landing.set.folder)
    known: dict[Path, Found] = {}
    with Rows(landing.con, "dental_exec", "doc_files", landing.work, target) as rows:
        for doc_id, relative_path in _docs(landing, docs):
            name = checked_name(relative_path)
            place = _find(folder, name) if isinstance(name, str) else name
            if isinstance(place, Path):
                if place not in known:
                    # Documents are named after patients: their number is all that is shown.
                    landing.progress(f"document {len(known) + 1:,}", 0)
                    known[place] = _keep(landing.store, place, landing.set.unpacked)
                place = known[place]
            rows.add(
                practice=landing.stamp.practice,
                doc_id=doc_id,
                relative_path=relative_path,
                status=place.status,
                bytes=place.bytes,
                sha256=place.sha256,
                path=place.path,
                why=place.why,
            )
    if unnamed := len(folder.exact) - len(folder.named):
        note = f"{unnamed} of the {len(folder.exact)} files below it are named by no row of docs"
        landing.record(None, f"{FOLDER}/", "ignored", note)


def _find(folder: Folder, name: str) -> Path | Found:
    place = folder.find(name)
    # Some programs write the folder's own name, too.
    if isinstance(place, Found) and name.casefold().startswith(f"{FOLDER}/"):
        inner = folder.find(name[len(FOLDER) + 1 :])
        return place if isinstance(inner, Found) and inner.status == "missing" else inner
    return place


def _docs(landing: Landing, docs: Path) -> Iterator[tuple[str, str | None]]:
    listed = f"select doc_id, relative_path from read_parquet({text(docs)}) order by _file, _line"
    with landing.con.cursor() as reader:
        reader.execute(listed)
        while some := reader.fetchmany(10_000):
            yield from some


def _keep(store: Store, path: Path, own: bool) -> Found:
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):
            return Found("unreadable", "it is no ordinary file")
        if not about.st_size:
            return Found("empty", "it holds no bytes", 0)
        kept = store.keep_file(path, own)
    except OSError as error:
        return Found("unreadable", error.strerror or type(error).__name__)
    return Found("ok", None, kept.bytes, kept.sha256, kept.path)


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _shown(path: Path) -> str:
    """A file's name as text: bytes that are no UTF-8 are what old Windows programs write."""
    name = path.as_posix()
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("cp1252", "replace")
    return name
