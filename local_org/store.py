"""One DuckDB file that holds the org. Readers take cursors; one writer at a time, in transactions.

A committed transaction is on disk: DuckDB syncs its log before it answers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

MEMORY_LIMIT = "600MB"
FILE = "state.duckdb"

TABLES = """
create schema if not exists org;
create schema if not exists data;
create table if not exists org.settings (name varchar, value varchar);
create table if not exists org.sessions
    (hash varchar, app varchar, created double, used double);
create table if not exists org.unlinked (name varchar);
create table if not exists org.counters (prefix varchar, next bigint);
create table if not exists org.custom_objects (name varchar, definition varchar);
create table if not exists org.custom_fields (object varchar, name varchar, definition varchar);
create table if not exists org.value_sets (name varchar, definition varchar);
create table if not exists org.field_permissions
    (permission_set varchar, object varchar, field varchar, editable boolean);
create table if not exists org.components (type varchar, name varchar, definition varchar);
create table if not exists org.deployments (
    id varchar, status varchar, created timestamp, started timestamp, completed timestamp,
    options varchar, problem varchar, outcomes varchar
);
create table if not exists org.jobs (
    id varchar, kind varchar, operation varchar, object varchar, external_id varchar,
    line_ending varchar, delimiter varchar, query varchar, api_version double, state varchar,
    created timestamp, modified timestamp, uploads integer, processed bigint, failed bigint,
    error varchar, milliseconds bigint
);
"""


@dataclass
class Shared:
    """One transaction that several writes are part of; `failed` once one of them was refused."""

    cursor: duckdb.DuckDBPyConnection
    failed: bool = False


_shared: ContextVar[Shared | None] = ContextVar("shared", default=None)


class Store:
    """The database of one org, and the lock that keeps writers apart."""

    def __init__(self, folder: Path) -> None:
        """Open or create the database in `folder`."""
        self.folder = folder
        spill = folder / "spill"
        spill.mkdir(mode=0o700, exist_ok=True)
        self._root = duckdb.connect(
            str(folder / FILE),
            config={
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(spill),
                # Compressing costs more than all the rest of a save, and disk is cheap here.
                "force_compression": "uncompressed",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        self._lock = threading.RLock()
        with self.write() as cursor:
            cursor.execute(TABLES)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a connection of its own: it sees what is committed, and its temporary tables."""
        cursor = self._root.cursor()
        cursor.execute("set timezone = 'UTC'")
        return cursor

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection for reading."""
        shared = _shared.get()
        if shared is not None:
            yield shared.cursor
            return
        cursor = self.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def write(
        self, given: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection in a transaction: committed on a clean exit, else rolled back.

        A connection that is given stays open: its temporary tables outlive the transaction.
        """
        shared = _shared.get()
        if shared is not None:
            try:
                yield shared.cursor
            except BaseException:
                shared.failed = True
                raise
            return
        with self._lock:
            cursor = self.cursor() if given is None else given
            try:
                cursor.begin()
                yield cursor
                cursor.commit()
            except BaseException:
                cursor.rollback()
                raise
            finally:
                if given is None:
                    cursor.close()

    @contextmanager
    def together(self) -> Iterator[Shared]:
        """Make every read and write of this context part of one transaction.

        The writer's lock is held from the first to the last of them, and they share a connection,
        so that each sees what those before it wrote. Nothing is committed if one of them was
        refused or `failed` was set: DuckDB has no savepoints, so there is no undoing one write
        and keeping the others. The context variable reaches the threads that handlers hand their
        work to; but those come from a pool whose other threads may all be waiting for the very
        lock that is held here. Whoever shares a transaction therefore runs its handlers in an
        event loop of its own, which has a pool of its own.
        """
        with self._lock:
            cursor = self.cursor()
            shared = Shared(cursor)
            token = _shared.set(shared)
            try:
                cursor.begin()
                yield shared
                if shared.failed:
                    cursor.rollback()
                else:
                    cursor.commit()
            except BaseException:
                cursor.rollback()
                raise
            finally:
                _shared.reset(token)
                cursor.close()

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """Give a small result as dictionaries."""
        with self.read() as cursor:
            return fetch(cursor.execute(sql, parameters or []))

    def settings(self) -> Mapping[str, str]:
        """Give the org's settings."""
        return {row["name"]: row["value"] for row in self.rows("from org.settings")}

    def close(self) -> None:
        """Close the file, its log folded in."""
        with self._lock:
            self._root.close()


def fetch(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Give the rows of an executed statement as dictionaries."""
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def next_numbers(cursor: duckdb.DuckDBPyConnection, prefix: str, count: int) -> int:
    """Reserve `count` record numbers under a key prefix; gives the first."""
    found = cursor.execute("select next from org.counters where prefix = ?", [prefix]).fetchone()
    first = int(found[0]) if found else 1
    if found:
        cursor.execute("update org.counters set next = ? where prefix = ?", [first + count, prefix])
    else:
        cursor.execute("insert into org.counters values (?, ?)", [prefix, first + count])
    return first


def quoted(name: str) -> str:
    """Give an identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Give a string literal."""
    return "'" + text.replace("'", "''") + "'"
