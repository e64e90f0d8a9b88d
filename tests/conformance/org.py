"""An org for one client: the server as a process, and who may talk to it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.python.local_org.client import Client
from tests.python.local_org.package import clinic

START_SECONDS = 30


@dataclass(frozen=True)
class Org:
    """Where the org is, its token, and the list of what it was asked."""

    url: str
    token: str = field(repr=False)
    organization: str
    folder: Path

    def client(self) -> Client:
        """Give the plain client of the local org's own tests: a second opinion."""
        return Client(self.url, self.token, self.organization)

    def with_clinic(self) -> None:
        """Deploy the schema most tests work with, and grant it."""
        client = self.client()
        assert client.deploy(clinic())["status"] == "Succeeded"
        client.assign("Loader")
        client.session.close()

    def requests(self) -> list[tuple[str, str, int]]:
        """Give what was asked so far: method, path and the status it was answered with."""
        client = self.client()
        noted = client.get("/local-org/requests")
        client.session.close()
        assert noted["record"] and not noted["dropped"]
        return [(each["method"], each["path"], each["status"]) for each in noted["requests"]]


@contextmanager
def start_org(folder: Path) -> Iterator[Org]:
    """Serve a new org in a folder for as long as the context is open; it notes its requests."""
    store, plan = folder / "org", folder / "plan.yml"
    plan.write_text("record: true\n")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "local_org", "serve"),
            *("--store", str(store), "--plan", str(plan)),
        ],
        cwd=Path(__file__).parents[2],
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (store / "server.json").exists():
            assert process.poll() is None, "the org ended at once"
            assert time.monotonic() < deadline, "the org did not start"
            time.sleep(0.02)
        facts = json.loads((store / "server.json").read_text())
        yield Org(facts["url"], facts["access_token"], facts["organization_id"], folder)
    finally:
        process.terminate()
        assert process.wait(START_SECONDS) == 0
