"""A home to try things in: its local org with faults armed, and commands that run against it."""

import fcntl
import http.client
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.python import forked
from tests.python.support import PROJECT, environment

IDLE_SECONDS = 600
SHORT = 0.002


@dataclass(frozen=True)
class Request:
    """What was asked of the org."""

    method: str
    path: str


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, or minus the signal that killed it; what it said; the
    transactions its manifest committed."""

    code: int
    said: str
    transitions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Running:
    """A home whose org runs."""

    home: Path
    pid: int
    url: str
    token: str

    def end(self) -> None:
        """Ends the org as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        while _is_held(self.home / "local_org" / "state.duckdb"):
            time.sleep(SHORT)

    def command(
        self,
        arguments: Sequence[str],
        *,
        kill_at: int = 0,
        hours_off: int = 0,
        renews: bool = False,
        room: int = 0,
    ) -> Ended:
        """Runs a command to its end; `kill_at` ends it after so many transactions, `hours_off`
        is how wrong the clock is, `renews` logs in by key and secret, so that a token that ran out
        is renewed; `room` is how many bytes a file may have."""
        transitions = self.home / "transitions.json"
        transitions.unlink(missing_ok=True)
        options = ["--kill-at", str(kill_at), "--room", str(room)]
        options += ["--hours-off", str(hours_off)]
        way_in = {"SF_ACCESS_TOKEN": self.token}
        if renews:
            way_in = {"SF_CONSUMER_KEY": "key", "SF_CONSUMER_SECRET": self.token}
        done = forked.run(
            "tests.python.faults.loader",
            [*options, str(transitions), *arguments],
            environment(self.home) | {"SF_INSTANCE_URL": self.url} | way_in,
            PROJECT,
            timeout=120,
        )
        noted = json.loads(transitions.read_text()) if transitions.exists() else []
        return Ended(done.returncode, done.stdout + done.stderr, noted)

    def control(self, method: str, what: str, body: Any = None) -> Any:
        """A call of whoever runs the local org."""
        return self.call(method, f"/local-org/{what}", body)

    def soql(self, query: str) -> list[dict[str, Any]]:
        """A plain client's query."""
        path = f"/services/data/v67.0/query?{urlencode({'q': query})}"
        records: list[dict[str, Any]] = self.call("GET", path)["records"]
        return records

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A plain client's call; gives the JSON it was answered with."""
        content = self.text(path, method, body)
        return json.loads(content) if content else None

    def text(self, path: str, method: str = "GET", body: Any = None) -> str:
        """A plain client's call; gives what it was answered with."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            content = answer.read().decode()
            assert answer.status < 300, content
            return content
        finally:
            connection.close()

    def requests(self) -> list[Request]:
        """What was asked since the org started."""
        noted = self.control("GET", "requests")["requests"]
        return [Request(each["method"], each["path"]) for each in noted]

    def idle(self) -> list[str]:
        """The armed faults that never struck: what each waits for."""
        return [
            f"{each['method']} {each['path']} after {each['after']}"
            for each in self.control("GET", "faults")
            if not each["struck"]
        ]


@contextmanager
def running(home: Path, plan: dict[str, Any] | None = None) -> Iterator[Running]:
    """The org of a home, with a plan of what goes wrong; it ends as in a power cut."""
    folder, planned = home / "local_org", home / "plan.yml"
    address = folder / "server.json"
    address.unlink(missing_ok=True)
    planned.write_text(json.dumps(plan or {}), encoding="utf-8")
    forked.serve(folder, environment(home), IDLE_SECONDS, planned)
    door = json.loads(address.read_text())
    org = Running(home, door["pid"], door["url"], door["access_token"])
    try:
        yield org
    finally:
        org.end()


def _is_held(database: Path) -> bool:
    """Whether a process has a database open still: one that was killed ends thread by thread."""
    with database.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def copied(state: Path, to: Path) -> Path:
    """A home that is another's copy, the large files that no command changes shared with it."""
    _wait_for_its_org(state)
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(mode=0o700)
    for each in state.iterdir():
        if each.is_symlink():
            (to / each.name).symlink_to(each.readlink())
        elif each.name == "raw":
            # What was landed is never written to again.
            shutil.copytree(each, to / "raw", symlinks=True, copy_function=os.link)
        elif each.is_dir():
            shutil.copytree(each, to / each.name, symlinks=True)
        else:
            shutil.copy(each, to)
    return to


def _wait_for_its_org(home: Path) -> None:
    """An org that was told to end takes its address away first, and folds its log in last."""
    lock = home / "local_org" / "serve.lock"
    if lock.exists():
        with lock.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
