"""Runs commands and local orgs as processes of their own, forked from one that has everything
imported: a real process to kill costs milliseconds so, not a second.

Orders come as lines of JSON on stdin, each is answered by one on stdout; what a process said is in
a file. A command's process is Bridgework's own code on a machine whose sleeps are short, and it can
be told to die right after the n-th transaction that its manifest commits.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

import loaders.salesforce.commands.run as run_module
from loaders import terminal
from loaders.salesforce.cli import load_sf
from local_org.faults.plan import make_plan
from local_org.process import serve

LONGEST_SLEEP = 0.004
_CHANGES = ("insert", "update", "delete")


class CountedConnection:
    """DuckDB's connection to the manifest, which notes each transaction that is committed, and
    ends the process after the n-th of them."""

    def __init__(self, real: duckdb.DuckDBPyConnection, noted: list[str], kill_at: int) -> None:
        self._real, self._noted, self._kill_at = real, noted, kill_at
        self._open: list[str] | None = None

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
        if verb not in _CHANGES or table not in self._tables:
            return []
        if table != "audit":
            return [f"table {table}"]
        if verb != "insert":
            return []
        entry = json.loads(parameters[0][1])
        return [" ".join(filter(None, (str(entry["event"]), entry.get("state"))))]

    @property
    def _tables(self) -> set[str]:
        # Another connection's temporary tables are not seen.
        with self._real.cursor() as cursor:
            return {row[0] for row in cursor.sql("show tables").fetchall()}


def _short_sleeps() -> None:
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, LONGEST_SLEEP))


def _count_commits(manifest: str, noted: list[str], kill_at: int) -> None:
    connect = duckdb.connect

    def counting(database: str = ":memory:", *arguments: Any, **options: Any) -> Any:
        real = connect(database, *arguments, **options)
        return CountedConnection(real, noted, kill_at) if database == manifest else real

    duckdb.connect = counting  # type: ignore[assignment]


class _ClockSetBack(datetime):
    """The wall clock of a machine whose time was put right, an hour back."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) - timedelta(hours=1)


def _command(order: dict[str, Any]) -> None:
    os.environ.update(order["environment"])
    _short_sleeps()
    noted: list[str] = []
    manifest = str(Path(order["environment"]["MIGRATION_HOME"]) / "manifest.duckdb")
    _count_commits(manifest, noted, order["kill_at"])
    if order["hour_back"]:
        run_module.datetime = _ClockSetBack  # type: ignore[misc]
        now = time.time
        time.time = lambda: now() - 3600
    sys.argv = ["load-sf", *order["arguments"]]
    try:
        terminal.run(load_sf)
    finally:
        Path(order["transitions"]).write_text(json.dumps(noted), encoding="utf-8")


def _fork(said: str, action: Callable[[], None]) -> int:
    """Does something in a child, its output into a file; gives the child's process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        action()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _perform(order: dict[str, Any], orgs: set[int]) -> dict[str, Any]:
    if order["do"] == "serve":
        folder, plan = Path(order["folder"]), make_plan(order["plan"])
        pid = _fork(order["said"], lambda: serve(folder, 0, None, plan))
        orgs.add(pid)
        return {"pid": pid}
    if order["do"] == "end":
        _end(orgs, order["pid"])
        return {}
    pid = _fork(order["said"], lambda: _command(order))
    _, status = os.waitpid(pid, 0)
    return {"code": os.waitstatus_to_exitcode(status)}


def _end(orgs: set[int], pid: int) -> None:
    if pid in orgs:
        orgs.remove(pid)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def main() -> None:
    """Takes orders until there are no more."""
    orgs: set[int] = set()
    for line in sys.stdin:
        print(json.dumps(_perform(json.loads(line), orgs)), flush=True)
    for pid in [*orgs]:
        _end(orgs, pid)


if __name__ == "__main__":
    main()
