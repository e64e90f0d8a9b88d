"""load-sf on a machine whose sleeps are short, and whose power fails when it is told to: right
after the n-th transaction that the manifest commits. Bridgework's own code is as everywhere.
"""

import argparse
import json
import os
import resource
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

import loaders.salesforce.api.login as login_module
import loaders.salesforce.commands.run as run_module
from loaders import terminal
from loaders.salesforce.cli import load_sf

LONGEST_SLEEP = 0.05
_CHANGES = ("insert", "update", "delete")


class CountedConnection:
    """DuckDB's connection to the manifest, which notes each transaction that is committed, and
    ends the process after the n-th of them."""

    def __init__(self, real: duckdb.DuckDBPyConnection, noted: list[str], kill_at: int) -> None:
        self._real, self._noted, self._kill_at = real, noted, kill_at
        self._open: list[str] | None = None
        self._tables: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, sql: str, *parameters: Any) -> Any:
        """Executes, counts, and perhaps dies."""
        verb, _, rest = " ".join(sql.split()).partition(" ")
        told = self._told(verb, rest, parameters)
        done = self._real.execute(sql, *parameters)
        if verb == "begin":
            self._open = []
        elif verb == "rollback":
            self._open = None
        elif verb == "commit":
            self._commit(self._open or [])
            self._open = None
        elif self._open is not None:
            self._open += told
        elif told:
            self._commit(told)
        return done

    def _commit(self, told: list[str]) -> None:
        # The audit log's words say best what a transaction did; else the tables it wrote.
        spoken = [each for each in told if not each.startswith("table ")]
        self._noted.append(" + ".join(dict.fromkeys(spoken or told)) or "nothing")
        if len(self._noted) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _told(self, verb: str, rest: str, parameters: tuple[Any, ...]) -> list[str]:
        """What a statement changes of what is kept; temporary tables are not."""
        table = rest.removeprefix("into ").removeprefix("from ").partition(" ")[0]
        if verb not in _CHANGES or not self._is_kept(table):
            return []
        if table != "audit":
            return [f"table {table}"]
        if verb != "insert":
            return []
        entry = json.loads(parameters[0][1])
        return [" ".join(filter(None, (str(entry["event"]), entry.get("state"))))]

    def _is_kept(self, table: str) -> bool:
        # A kept table stays one: what is asked once holds.
        if table not in self._tables:
            # Another connection's temporary tables are not seen.
            with self._real.cursor() as cursor:
                self._tables = {row[0] for row in cursor.sql("show tables").fetchall()}
        return table in self._tables


def _short_sleeps() -> None:
    sleep = time.sleep
    terminal.LINE_SECONDS = LONGEST_SLEEP
    time.sleep = lambda seconds: sleep(min(seconds, LONGEST_SLEEP))


def _count_commits(manifest: str, noted: list[str], kill_at: int) -> None:
    connect = duckdb.connect

    def counting(database: str = ":memory:", *arguments: Any, **options: Any) -> Any:
        real = connect(database, *arguments, **options)
        return CountedConnection(real, noted, kill_at) if database == manifest else real

    duckdb.connect = counting  # type: ignore[assignment]


def _set_clock(hours: int) -> None:
    """The wall clock of a machine whose time is so many hours off; DuckDB's own stays."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(hours=hours)

    run_module.datetime = Clock  # type: ignore[attr-defined]
    login_module.datetime = Clock  # type: ignore[attr-defined]
    if "SF_PRIVATE_KEY_FILE" in os.environ:
        import simple_salesforce.login

        simple_salesforce.login.datetime = Clock  # type: ignore[attr-defined]
    now = time.time
    time.time = lambda: now() + 3600 * hours


def main() -> None:
    """Runs load-sf: `--kill-at N`, `--hours-off N` of the clock, `--room BYTES` of any file, where
    to write the transactions, arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kill-at", type=int, default=0)
    parser.add_argument("--hours-off", type=int, default=0)
    parser.add_argument("--room", type=int, default=0)
    parser.add_argument("transitions", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    _short_sleeps()
    noted: list[str] = []
    _count_commits(
        str(Path(os.environ["MIGRATION_HOME"]) / "manifest.duckdb"), noted, given.kill_at
    )
    if given.hours_off:
        _set_clock(given.hours_off)
    if given.room:
        # As on a full disk, a write fails: Python ignores the signal that goes with it.
        resource.setrlimit(resource.RLIMIT_FSIZE, (given.room, resource.RLIM_INFINITY))
    sys.argv = ["load-sf", *given.arguments]
    try:
        terminal.run(load_sf)
    finally:
        if given.room:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        given.transitions.write_text(json.dumps(noted), encoding="utf-8")


if __name__ == "__main__":
    main()
