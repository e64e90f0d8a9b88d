"""The only writer of raw/: new generations beside the old one, swapped in whole or not at all.

A generation is a folder of Parquet. The next one starts as hard links to it, so that only what
changes is written, and becomes current by one rename of the symlink `raw/current`. Until then
the old one stands, whatever kills the process; what a killed landing left behind is removed by
the next.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import UserError
from loaders.home import Home
from loaders.raw.contract import Table, all_tables, contract_id
from loaders.raw.sql import name, text

_UNFINISHED = ".building-"
# The last of its folder: DuckDB guesses how many rows a folder has from its first file, and would
# take every table for an empty one.
_NONE = "~none.parquet"


@dataclass(frozen=True)
class Generation:
    """A generation being built. Nothing in it is visible to readers yet."""

    id: str
    parent: str | None
    path: Path

    def folder(self, system: str, table: str) -> Path:
        """A table's folder with what the parent held. Its files are hard links: to change one,
        unlink it and write a new one."""
        return self.path / system / table

    def table(self, system: str, table: str) -> Path:
        """A table's folder, emptied but for the one without rows, for new Parquet files."""
        folder = self.folder(system, table)
        for file in folder.glob("*.parquet"):
            if file.name != _NONE:
                file.unlink()
        return folder


def current_generation(home: Home) -> str | None:
    """The id of the generation readers see, None before the first landing."""
    link = home.raw / "current"
    return link.readlink().name if link.is_symlink() and link.exists() else None


def ensure_generation(home: Home) -> str:
    """The current generation's id; on an empty home, that of a first one without rows.

    With it every source dbt reads exists, so that all models build before anything is landed.
    """
    current = current_generation(home)
    if current and _about(home, current).get("contract") == contract_id():
        return current
    with generation(home, "empty") as first:
        return first.id


def now() -> str:
    """The present as ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def connect(home: Home, memory: str = "400MB") -> duckdb.DuckDBPyConnection:
    """A DuckDB that stays within so much memory, or what BRIDGEWORK_MEMORY says, and spills below
    the home, never elsewhere."""
    spill = home.raw / "spill"
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": os.environ.get("BRIDGEWORK_MEMORY", memory),
        "threads": 2,
        # What one statement is done with goes back to the system before the next one.
        "allocator_flush_threshold": "16MB",
        "preserve_insertion_order": False,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(config=settings)


@contextmanager
def generation(home: Home, reason: str) -> Iterator[Generation]:
    """A new generation that starts as the current one and replaces it on a clean exit.

    On any exception it removes itself and the current one stands. Raises UserError where
    another landing is at work.
    """
    with landing_lock(home):
        parent = current_generation(home)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        new_id = f"{stamp}-{secrets.token_hex(3)}"
        path = home.raw / "generations" / f"{_UNFINISHED}{new_id}"
        try:
            _start(home, path, parent)
            yield Generation(new_id, parent, path)
            _finish(home, path, new_id, parent, reason)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise


_held: list[Path] = []


@contextmanager
def landing_lock(home: Home) -> Iterator[None]:
    """Holds raw/ against other landings; re-entrant within a process.

    Raises UserError where another process holds it.
    """
    if home.raw in _held:
        yield
        return
    home.raw.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home.raw / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                f"Another landing is at work in {home.raw}.",
                "Wait until that load-raw or load-sf pull is done, then try again.",
            ) from error
        _held.append(home.raw)
        try:
            _remove_work(home)
            _remove_generations(home)
            yield
        finally:
            _held.remove(home.raw)
            _remove_work(home)


def work_folder(home: Home) -> Path:
    """A private folder for one landing's files, removed with its lock, or by the next landing."""
    folder = home.raw / "work" / secrets.token_hex(6)
    folder.mkdir(mode=0o700, parents=True)
    return folder


def _remove_work(home: Home) -> None:
    for leftover in ("work", "spill"):
        shutil.rmtree(home.raw / leftover, ignore_errors=True)


def _remove_generations(home: Home) -> None:
    """Removes all but the current generation and the one before it, half-built ones included."""
    current = current_generation(home)
    keep = {current, _parent(home, current)} if current else set()
    for folder in _generations(home):
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _generations(home: Home) -> list[Path]:
    folder = home.raw / "generations"
    return list(folder.iterdir()) if folder.is_dir() else []


def _parent(home: Home, generation_id: str) -> str | None:
    parent = _about(home, generation_id).get("parent")
    return str(parent) if parent else None


def _about(home: Home, generation_id: str) -> dict[str, Any]:
    file = home.raw / "generations" / generation_id / "generation.json"
    about: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return about


def _start(home: Home, path: Path, parent: str | None) -> None:
    path.mkdir(mode=0o700, parents=True)
    if parent:
        old = home.raw / "generations" / parent
        for file in old.rglob("*.parquet"):
            target = path / file.relative_to(old)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _link(file, target)
    if not parent or _about(home, parent).get("contract") != contract_id():
        with connect(home) as con:
            for (system, _), table in all_tables().items():
                _complete(con, path / system / table.name, table)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _complete(con: duckdb.DuckDBPyConnection, folder: Path, table: Table) -> None:
    """Gives a table its empty file; brings files of an older contract to today's columns."""
    none = folder / _NONE
    if none.exists() and parquet_schema(con, none) == table.schema:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_empty(con, none, table)
    for file in sorted(folder.glob("*.parquet")):
        if file.name != _NONE:
            _bring_up_to_date(con, file, none, table)


def write_empty(con: duckdb.DuckDBPyConnection, file: Path, table: Table) -> None:
    """Writes a Parquet file of the table's schema without rows."""
    columns = ", ".join(f"cast(null as {kind}) as {name(col)}" for col, kind in table.schema)
    file.unlink(missing_ok=True)
    con.execute(f"copy (select {columns} where false) to {text(file)} (format parquet)")


def _bring_up_to_date(con: duckdb.DuckDBPyConnection, file: Path, none: Path, table: Table) -> None:
    columns = ", ".join(name(column) for column, _ in table.schema)
    replaced = file.with_suffix(".new")
    con.execute(
        f"copy (select {columns} from read_parquet([{text(none)}, {text(file)}],"
        f" union_by_name = true)) to {text(replaced)} (format parquet, compression zstd)"
    )
    replaced.replace(file)


def parquet_schema(con: duckdb.DuckDBPyConnection, file: Path) -> tuple[tuple[str, str], ...]:
    """Names and types of a Parquet file's columns, in order."""
    described = con.execute(f"describe select * from read_parquet({text(file)})").fetchall()
    return tuple((row[0], row[1]) for row in described)


def _finish(home: Home, path: Path, new_id: str, parent: str | None, reason: str) -> None:
    about = {
        "id": new_id,
        "parent": parent,
        "created_at": now(),
        "reason": reason,
        "contract": contract_id(),
    }
    (path / "generation.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    _settle(path)
    path.rename(path.with_name(new_id))
    link = home.raw / "current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("generations") / new_id)
    link.replace(home.raw / "current")
    _remove_generations(home)


def _settle(path: Path) -> None:
    """Makes what is new private and durable before readers are sent to it."""
    for entry in path.rglob("*"):
        if entry.is_dir():
            entry.chmod(0o700)
        elif entry.stat().st_nlink == 1:
            entry.chmod(0o600)
            with entry.open("rb") as file:
                os.fsync(file.fileno())
