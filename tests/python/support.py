"""Drives Bridgework as its users do: commands as processes, the local org over loopback HTTP."""

import fcntl
import json
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests

from loaders.salesforce.api.clock import SystemClock
from loaders.salesforce.api.local import Door, ensure
from local_org.process import Busy, locked
from tests.python import forked

PROJECT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
# Where dbt keeps how it parsed the project, in a home.
PARSE = Path("target") / "partial_parse.msgpack"
# The variable that names the folder in which all workers share a parse.
PARSED_IN = "TESTS_PARSED_IN"
# As long as `load-sf` itself lets a local org be idle that it starts.
_IDLE_SECONDS = 20


def environment(home: Path) -> dict[str, str]:
    """A newcomer's environment: no org, no dbt settings, state in `home`; options from the file
    beside it, if there is one. dbt's log tells less than it would by itself, for time."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SF_", "DBT_", "MIGRATION_", "BRIDGEWORK_"))
    }
    options = home.with_name("migration.yml")
    own = {"MIGRATION_CONFIG": str(options)} if options.exists() else {}
    quick = {"CI": "true", "COLUMNS": "120", "DBT_LOG_LEVEL_FILE": "info"}
    return {**kept, **own, **quick, "MIGRATION_HOME": str(home)}


NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# As dbt has it where nothing is set: it writes all that it has to say into its log.
TALKATIVE = {"DBT_LOG_LEVEL_FILE": "debug"}


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a session share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def door_to(home: Path) -> Door:
    """The way to a home's local org; one that ended when left idle starts again."""
    forked.serve(home / "local_org", environment(home), _IDLE_SECONDS)
    return ensure(home / "local_org", SystemClock())


def end_org(store: Path) -> None:
    """Ends the local org of a folder, and waits until its process has let go of the folder: it
    takes its address away before it has written everything."""
    address = store / "server.json"
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(json.loads(address.read_text())["pid"], signal.SIGTERM)
        deadline = time.monotonic() + 10
        while address.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    with suppress(Busy), locked(store):
        pass


@dataclass(frozen=True)
class Migration:
    """One MIGRATION_HOME and the commands that work on it."""

    home: Path

    def run(
        self, *command: str | Path, code: int | None = 0, env: dict[str, str] | None = None
    ) -> forked.Done:
        """Runs one of the project's commands and holds its exit code against `code`."""
        name, *arguments = map(str, command)
        if name == "dbt" and (self.home / "raw").exists() and not (self.home / PARSE).exists():
            self._take_parse()
        surroundings = {**environment(self.home), **(env or {})}
        done = forked.run(name, arguments, surroundings, self.home.parent, timeout=600)
        if code is not None:
            assert done.returncode == code, f"{name} {arguments}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def _take_parse(self) -> None:
        """Lets dbt find here what it made of the project in the home that all share."""
        if PARSED_IN in os.environ:
            homes = [str(parsed_once(Path(os.environ[PARSED_IN])).home), str(self.home)]
            surroundings = environment(self.home)
            done = forked.run(forked.SHARES_DBT, homes, surroundings, self.home.parent, 60)
            assert done.returncode == 0, done.stderr

    def build(self, *selected: str) -> str:
        """Builds the marts, or what is selected; a warning is an error. dbt's unit tests need no
        data of a test's own and run once, in an empty home. Gives what dbt printed."""
        only = ("--select", *selected) if selected else ()
        options = ("--warn-error", *NO_UNIT_TESTS, *only)
        done = self.run("dbt", "build", *options)
        return done.stdout + done.stderr

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Asks the warehouse."""
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as warehouse:
            return warehouse.sql(sql).fetchall()

    def query_org(self, soql: str) -> list[dict[str, Any]]:
        """Asks the local org, as any client would."""
        door = door_to(self.home)
        path, records = "/services/data/v67.0/queryAll", []
        parameters: dict[str, str] | None = {"q": soql}
        while path:
            answer = requests.get(
                door.url + path,
                params=parameters,
                headers={"Authorization": f"Bearer {door.token}"},
                timeout=30,
            )
            answer.raise_for_status()
            page = answer.json()
            records += page["records"]
            path, parameters = page.get("nextRecordsUrl"), None
        return records

    def stop_org(self) -> None:
        """Stops the local org, so that the home can be copied."""
        end_org(self.home / "local_org")

    def copy(self, home: Path) -> "Migration":
        """The same migration, in a home of its own."""
        options = self.home.with_name("migration.yml")
        if options.exists():
            shutil.copy(options, home.with_name("migration.yml"))
        shutil.copytree(self.home, home, symlinks=True)
        # dbt would find that it is another database's.
        (home / PARSE).unlink(missing_ok=True)
        return Migration(home)


def parsed_once(folder: Path) -> Migration:
    """The project as dbt parses it, once for all who name the folder, in a home that holds nothing;
    to read."""
    migration = Migration(folder / "home")
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (migration.home / "target" / "manifest.json").exists():
            migration.run("dbt", "parse", "--warn-error")
    return migration
