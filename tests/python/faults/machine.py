"""A home to try things in: its local org with faults armed, and commands that run against it."""

import fcntl
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.python.support import PROJECT, environment

START_SECONDS = 30


class Spawner:
    """The process that forks the others: see `spawner`. It does one thing at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.python.faults.spawner"],
            env={**environment(PROJECT), "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
        )

    def __enter__(self) -> "Spawner":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def order(self, **order: Any) -> dict[str, Any]:
        """Has something done; gives the answer."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


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
    spawner: Spawner
    pid: int
    url: str
    token: str

    def end(self) -> None:
        """Ends the org as a power cut would."""
        self.spawner.order(do="end", pid=self.pid)

    def command(
        self, arguments: Sequence[str], *, kill_at: int = 0, hour_back: bool = False
    ) -> Ended:
        """Runs a command to its end; `kill_at` ends it after so many transactions."""
        said, transitions = self.home / "said.txt", self.home / "transitions.json"
        said.unlink(missing_ok=True)
        transitions.unlink(missing_ok=True)
        answer = self.spawner.order(
            do="run",
            arguments=[*arguments],
            environment={
                "MIGRATION_HOME": str(self.home),
                "SF_INSTANCE_URL": self.url,
                "SF_ACCESS_TOKEN": self.token,
            },
            said=str(said),
            transitions=str(transitions),
            kill_at=kill_at,
            hour_back=hour_back,
        )
        noted = json.loads(transitions.read_text()) if transitions.exists() else []
        return Ended(answer["code"], said.read_text(encoding="utf-8"), noted)

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

    def struck(self) -> int:
        """How often the armed faults have struck."""
        return sum(each["struck"] for each in self.control("GET", "faults"))


@contextmanager
def running(home: Path, spawner: Spawner, plan: dict[str, Any]) -> Iterator[Running]:
    """The org of a home, with a plan of what goes wrong; it ends as in a power cut."""
    folder = home / "local_org"
    address = folder / "server.json"
    address.unlink(missing_ok=True)
    said = str(home / "org.txt")
    pid = spawner.order(do="serve", folder=str(folder), plan=plan, said=said)["pid"]
    try:
        deadline = time.monotonic() + START_SECONDS
        while not address.exists():
            assert time.monotonic() < deadline, Path(said).read_text()
            time.sleep(0.005)
        door = json.loads(address.read_text())
        yield Running(home, spawner, pid, door["url"], door["access_token"])
    finally:
        spawner.order(do="end", pid=pid)


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
