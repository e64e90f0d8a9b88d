"""The local org as a process, and a plain client that knows nothing but HTTP."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.python.local_org.package import Package

START_SECONDS = 20
JOB_SECONDS = 120


@dataclass
class Server:
    """`python -m local_org serve` in a folder of its own."""

    store: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> Client:
        (self.store / "server.json").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local_org", "serve", "--store", str(self.store), *more],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONWARNINGS": "error::ResourceWarning"},
        )
        return self.client()

    def client(self) -> Client:
        deadline = time.monotonic() + START_SECONDS
        while not (self.store / "server.json").exists():
            assert time.monotonic() < deadline, "the server did not start"
            assert self.process is not None and self.process.poll() is None, self.errors()
            time.sleep(0.02)
        facts = json.loads((self.store / "server.json").read_text())
        return Client(facts["url"], facts["access_token"], facts["organization_id"])

    def errors(self) -> str:
        assert self.process is not None and self.process.stderr is not None
        return self.process.stderr.read().decode()

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(how)
        code = self.process.wait(START_SECONDS)
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.process = None
        return code


@dataclass
class Client:
    """One session with the org."""

    url: str
    token: str
    organization: str
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        where = (
            path if path.startswith(("/services", "/local-org")) else f"/services/data/v67.0{path}"
        )
        return self.session.request(
            method, self.url + where, headers=headers, timeout=JOB_SECONDS, **more
        )

    def get(self, path: str, **more: Any) -> Any:
        answer = self.call("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def query(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        path = "/queryAll" if everything else "/query"
        records: list[dict[str, Any]] = []
        page = self.get(path, params={"q": soql})
        records += page["records"]
        while not page["done"]:
            page = self.get(page["nextRecordsUrl"])
            records += page["records"]
        return [_bare(each) for each in records]

    def query_error(self, soql: str) -> dict[str, Any]:
        answer = self.call("GET", "/query", params={"q": soql})
        assert answer.status_code == 400, answer.text
        error: dict[str, Any] = answer.json()[0]
        return error

    def create(self, name: str, **values: Any) -> str:
        answer = self.call("POST", f"/sobjects/{name}", json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def refused(self, name: str, **values: Any) -> tuple[str, str, list[str]]:
        answer = self.call("POST", f"/sobjects/{name}", json=values)
        assert answer.status_code == 400, answer.text
        error = answer.json()[0]
        return error["errorCode"], error["message"], error.get("fields", [])

    def deploy(self, package: Package, **options: Any) -> dict[str, Any]:
        chosen = {"checkOnly": False, "rollbackOnError": True, "singlePackage": True, **options}
        body = json.dumps({"deployOptions": chosen})
        answer = self.call(
            "POST",
            "/metadata/deployRequest",
            files={
                "json": (None, body, "application/json"),
                "file": ("deploy.zip", package.zip(), "application/zip"),
            },
        )
        assert answer.status_code == 201, answer.text
        deploy_id = answer.json()["id"]
        result: dict[str, Any] = {"done": False}
        while not result["done"]:
            path = f"/metadata/deployRequest/{deploy_id}?includeDetails=true"
            result = self.get(path)["deployResult"]
        return result

    def assign(self, permission_set: str) -> str:
        found = self.query(f"SELECT Id FROM PermissionSet WHERE Name = '{permission_set}'")
        users = self.query("SELECT Id FROM User ORDER BY CreatedDate LIMIT 1")
        return self.create(
            "PermissionSetAssignment",
            PermissionSetId=found[0]["Id"],
            AssigneeId=users[0]["Id"],
        )

    def switch(self, **switches: Any) -> Any:
        """Set switches of the org."""
        answer = self.call("PATCH", "/local-org/switches", json=switches)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, **entry: Any) -> None:
        """Arm one fault of the org."""
        answer = self.call("POST", "/local-org/faults", json={"faults": [entry]})
        assert answer.status_code == 201, answer.text

    def open_job(self, name: str, operation: str, key: str | None = None, **more: Any) -> Any:
        body = {"object": name, "operation": operation, "contentType": "CSV", **more}
        if key is not None:
            body["externalIdFieldName"] = key
        answer = self.call("POST", "/jobs/ingest", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def upload(self, job: Any, data: bytes) -> requests.Response:
        return self.call(
            "PUT", f"/{job['contentUrl']}", data=data, headers={"Content-Type": "text/csv"}
        )

    def close(self, job: Any) -> requests.Response:
        return self.call("PATCH", f"/jobs/ingest/{job['id']}", json={"state": "UploadComplete"})

    def wait(self, job: Any, kind: str = "ingest") -> Any:
        deadline = time.monotonic() + JOB_SECONDS
        while True:
            info = self.get(f"/jobs/{kind}/{job['id']}")
            if info["state"] in ("JobComplete", "Failed", "Aborted"):
                return info
            assert time.monotonic() < deadline, info
            time.sleep(0.02)

    def bulk(
        self, name: str, operation: str, text: str, key: str | None = None, **more: Any
    ) -> Job:
        """Run a job to its end and fetch its results."""
        job = self.open_job(name, operation, key, **more)
        assert self.upload(job, text.encode()).status_code == 201
        assert self.close(job).status_code == 200
        return Job(self, self.wait(job))


@dataclass
class Job:
    """A finished ingest job."""

    client: Client
    info: Any

    @property
    def counts(self) -> tuple[str, int, int]:
        info = self.info
        return info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]

    def text(self, what: str) -> str:
        answer = self.client.call("GET", f"/jobs/ingest/{self.info['id']}/{what}/")
        assert answer.headers["Content-Type"] == "text/csv; charset=UTF-8"
        return answer.content.decode("utf-8")

    def rows(self, what: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text(what), newline="")))

    @property
    def succeeded(self) -> list[dict[str, str]]:
        return self.rows("successfulResults")

    @property
    def failed(self) -> list[dict[str, str]]:
        return self.rows("failedResults")

    def error(self) -> str:
        """The error of the one row that failed."""
        rows = self.failed
        assert len(rows) == 1, rows
        return rows[0]["sf__Error"]


def _bare(record: Any) -> Any:
    """A record without its attributes, parents too."""
    if not isinstance(record, dict):
        return record
    return {name: _bare(value) for name, value in record.items() if name != "attributes"}
