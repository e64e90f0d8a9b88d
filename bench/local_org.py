"""Measures the local org alone: `python -m bench.local_org [--rows N]`, a part of `make bench`.

Upserts N rows of ten fields by Bulk API 2.0 into an org of its own, held to one core where the
system can do that: once as new records, once as known ones. Tells rows a second, from the first
byte sent to JobComplete, and the server's peak memory.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import requests

from demo.plain import say, table

JOB_ROWS = 150_000
API = "/services/data/v67.0"
XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
KEY = "Migration_Key__c"
FIELDS = {
    KEY: "<externalId>true</externalId>{label}<length>100</length><type>Text</type>"
    "<unique>true</unique>",
    **dict.fromkeys(
        ("Name_1__c", "Street__c", "Words__c", "Note__c"),
        "{label}<length>80</length><type>Text</type>",
    ),
    "Day__c": "{label}<type>Date</type>",
    "Moment__c": "{label}<type>DateTime</type>",
    "Amount__c": "{label}<precision>16</precision><scale>2</scale><type>Currency</type>",
    "Flag__c": "<defaultValue>false</defaultValue>{label}<type>Checkbox</type>",
    "Count__c": "{label}<precision>8</precision><scale>0</scale><type>Number</type>",
}
ROWS = f"""
    select 'bench:row:' || i as "{KEY}", 'name ' || i || $pass as "Name_1__c",
        i || ' Main Street' as "Street__c", 'words ' || i % 97 as "Words__c",
        'note number ' || i as "Note__c", date '1990-01-01' + (i % 9000)::int as "Day__c",
        strftime(timestamp '2020-01-01' + to_minutes(i), '%Y-%m-%dT%H:%M:%SZ') as "Moment__c",
        i % 1000 || '.25' as "Amount__c", i % 2 = 0 as "Flag__c", i % 1000 as "Count__c"
    from range($first, $last) as numbers(i)
"""


class Org:
    """A local org of the bench's own, over plain HTTP."""

    def __init__(self, url: str, token: str, pid: int) -> None:
        """Take where it answers, its token and its process."""
        self.url, self.pid = url, pid
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Give the JSON of an answer; raises where it is an error."""
        answer = self.session.request(method, f"{self.url}{API}{path}", timeout=600, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def peak_megabytes(self) -> int | None:
        """The most memory the server has held, where the system tells."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return None
        return next(int(line.split()[1]) // 1000 for line in lines if line.startswith("VmHWM"))


@contextmanager
def serving(store: Path) -> Iterator[Org]:
    """Serve an org on one core until the block ends."""
    command = [sys.executable, "-m", "local_org", "serve", "--store", str(store)]
    with subprocess.Popen(command) as process:
        try:
            # Before the first request, so that every thread it starts is held too.
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
            address = store / "server.json"
            while not address.exists():
                if process.poll() is not None:
                    raise SystemExit("bench: the local org did not start")
                time.sleep(0.05)
            facts = json.loads(address.read_text())
            yield Org(facts["url"], facts["access_token"], process.pid)
        finally:
            process.terminate()


def prepare(org: Org) -> None:
    """Deploy the object and grant its fields."""
    fields = "".join(
        f"<fields><fullName>{name}</fullName>{body.format(label=f'<label>{name[:-3]}</label>')}"
        "</fields>"
        for name, body in FIELDS.items()
    )
    grants = "".join(
        f"<fieldPermissions><editable>true</editable><field>Bench__c.{name}</field>"
        "<readable>true</readable></fieldPermissions>"
        for name in FIELDS
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr(
            "objects/Bench__c.object",
            f"<CustomObject {XMLNS}><deploymentStatus>Deployed</deploymentStatus>{fields}"
            "<label>Bench</label><nameField><displayFormat>B-{0000}</displayFormat><label>No"
            "</label><type>AutoNumber</type></nameField><pluralLabel>Benches</pluralLabel>"
            "<sharingModel>Private</sharingModel></CustomObject>",
        )
        files.writestr(
            "permissionsets/Bench.permissionset",
            f"<PermissionSet {XMLNS}>{grants}<label>Bench</label></PermissionSet>",
        )
        files.writestr(
            "package.xml",
            f"<Package {XMLNS}><types><members>Bench__c</members><name>CustomObject</name></types>"
            "<types><members>Bench</members><name>PermissionSet</name></types>"
            "<version>67.0</version></Package>",
        )
    options = {"deployOptions": {"singlePackage": True, "rollbackOnError": True}}
    parts = {
        "json": (None, json.dumps(options), "application/json"),
        "file": ("bench.zip", archive.getvalue(), "application/zip"),
    }
    started = org.call("POST", "/metadata/deployRequest", files=parts)
    path = f"/metadata/deployRequest/{started['id']}?includeDetails=true"
    while not (result := org.call("GET", path)["deployResult"])["done"]:
        time.sleep(0.1)
    if not result["success"]:
        raise SystemExit(f"bench: the deploy failed: {result}")
    soql = "SELECT Id FROM PermissionSet WHERE Name = 'Bench'"
    found = org.call("GET", "/query", params={"q": soql})["records"][0]["Id"]
    user = org.call("GET", "/query", params={"q": "SELECT Id FROM User LIMIT 1"})
    assignment = {"PermissionSetId": found, "AssigneeId": user["records"][0]["Id"]}
    org.call("POST", "/sobjects/PermissionSetAssignment", json=assignment)


def upsert(org: Org, folder: Path, label: str, rows: int) -> float:
    """Upsert all rows, job after job; gives the seconds the org had them in hand."""
    seconds = 0.0
    body = {"object": "Bench__c", "operation": "upsert", "externalIdFieldName": KEY}
    for first in range(0, rows, JOB_ROWS):
        file = folder / "rows.csv"
        values = {"pass": label, "first": first, "last": min(first + JOB_ROWS, rows)}
        duckdb.execute(f"copy ({ROWS}) to '{file}' (header)", values)
        job = org.call("POST", "/jobs/ingest", json=body)["id"]
        started = time.monotonic()
        with file.open("rb") as content:
            org.call("PUT", f"/jobs/ingest/{job}/batches", data=content)
        org.call("PATCH", f"/jobs/ingest/{job}", json={"state": "UploadComplete"})
        while (info := org.call("GET", f"/jobs/ingest/{job}"))["state"] != "JobComplete":
            if info["state"] in ("Failed", "Aborted"):
                raise SystemExit(f"bench: the job failed: {info['errorMessage']}")
            time.sleep(0.05)
        seconds += time.monotonic() - started
        if info["numberRecordsFailed"]:
            raise SystemExit(f"bench: {info['numberRecordsFailed']} rows were refused")
    return seconds


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="python -m bench.local_org", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows: int = parser.parse_args().rows
    figures = []
    with tempfile.TemporaryDirectory(prefix="bridgework-bench-") as folder:
        store = Path(folder) / "org"
        with serving(store) as org:
            prepare(org)
            for label in ("new", "known"):
                seconds = upsert(org, Path(folder), label, rows)
                peak = org.peak_megabytes()
                figures.append(
                    (
                        label,
                        f"{rows:,}",
                        f"{seconds:.1f}",
                        f"{rows / seconds:,.0f}",
                        f"{peak or '-'}",
                    )
                )
    table(("upserted as", "rows", "seconds", "rows/s", "peak MB"), figures)
    held = hasattr(os, "sched_setaffinity")
    say("  The server was held to one core." if held else "  The server had every core.")


if __name__ == "__main__":
    main()
