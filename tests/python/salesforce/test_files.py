"""Files by REST: each arrives once with the bytes it has here, whatever breaks off on the way."""

import hashlib
import json
import os
import random
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.support import BIN, environment

from .conftest import FAMILY, KEY, Column, Migration, Rows
from .test_interrupted import through

UPLOAD = r"^/(sobjects/ContentVersion|composite/sobjects)$"
CATEGORY = {"type": "Picklist", "values": ["X-Ray"], "from_data": True}
FILE: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Title", "varchar", {"type": "Text", "length": 255}),
    ("PathOnClient", "varchar", {"type": "Text", "length": 500, "required": True}),
    ("VersionData", "varchar", {"type": "Base64", "required": True}),
    (
        "FirstPublishLocation.Migration_Key__c",
        "varchar",
        {"lookup": "t__family", "required": True, "lock": True},
    ),
    ("Document_Category__c", "varchar", CATEGORY),
    ("Captured_Date__c", "date", {"type": "Date"}),
    ("_sha256", "varchar", {}),
    ("_bytes", "bigint", {}),
]
MARTS: dict[str, tuple[dict[str, Any], list[Column]]] = {
    "t__family": ({"object": "Account", "operation": "upsert", "sample": True}, FAMILY),
    "t__file": ({"object": "ContentVersion", "operation": "upsert"}, FILE),
}


def families(count: int = 2) -> list[dict[str, Any]]:
    return [
        {"Migration_Key__c": f"p:family:{n}", "Name": f"Family {n}", "Account_Kind__c": "Family"}
        for n in range(count)
    ]


def filed(home: Path, n: int, data: bytes, **more: Any) -> dict[str, Any]:
    """A row of the mart, and its bytes where landing keeps them."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = home / "raw" / "files" / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return {
        "Migration_Key__c": f"p:file:{n}",
        "Title": f"Tooth {n}",
        "PathOnClient": f"Tooth {n}.png",
        "VersionData": f"raw/files/{sha256}",
        "FirstPublishLocation.Migration_Key__c": f"p:family:{n % 2}",
        "Document_Category__c": "X-Ray",
        "Captured_Date__c": "2024-05-06",
        "_sha256": sha256,
        "_bytes": len(data),
    } | more


@pytest.fixture(scope="module")
def with_schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the schema for files in its org, to be copied."""
    made = Migration(tmp_path_factory.mktemp("files") / "home", marts=MARTS)
    made.sf("pull")
    made.build({"t__family": families(), "t__file": []})
    made.sf("schema", "deploy")
    made.stop_org()
    return made.home


@pytest.fixture
def org(with_schema: Path, tmp_path: Path) -> Iterator[Migration]:
    shutil.copytree(with_schema, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home", marts=MARTS)
    yield made
    made.stop_org()


def some(org: Migration, count: int = 12) -> Rows:
    """Files of mixed sizes; the last one looks like the end of a request."""
    data = [bytes([n]) * (1 + n * 1_000) for n in range(count - 1)] + [b"\r\n--\r\n\x00\xff"]
    rows = [filed(org.home, n, each) for n, each in enumerate(data)]
    return {"t__family": families(), "t__file": rows}


def versions(org: Migration) -> dict[str, dict[str, Any]]:
    found = org.soql(
        "SELECT Id, Migration_Key__c, Title, PathOnClient, Checksum, ContentSize, IsLatest,"
        " VersionNumber, ContentDocumentId, FirstPublishLocationId, Document_Category__c,"
        " Captured_Date__c FROM ContentVersion WHERE Migration_Key__c != null"
    )
    assert len({f["Migration_Key__c"] for f in found}) == len(found)
    return {f["Migration_Key__c"]: f for f in found}


def assert_each_once(org: Migration, rows: Rows) -> None:
    """Every file is there once, byte for byte, and a further run and verify agree."""
    found = versions(org)
    expected = {r["Migration_Key__c"]: r for r in rows["t__file"]}
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        data = (org.home / row["VersionData"]).read_bytes()
        assert found[key]["Checksum"] == hashlib.md5(data).hexdigest(), key
        assert found[key]["ContentSize"] == len(data)
    assert len(org.soql("SELECT Id FROM ContentDocument")) == len(expected)
    assert org.json("run")["sent"] == 0
    org.environment = {}
    verified = org.json("verify")
    assert verified["equal"], verified


def test_a_masked_file_gives_way_to_the_real_one(org: Migration) -> None:
    rows = some(org, 4)
    org.build(rows)
    said = org.json("sample", "--mask")
    assert (said["rejected"], said["fields"]["differs"]) == (0, 0)
    masked = versions(org)
    assert len({f["Checksum"] for f in masked.values()}) == 1
    assert not any("Tooth" in f["Title"] + f["PathOnClient"] for f in masked.values())
    org.json("run")
    assert_each_once(org, rows)


def test_files_arrive_on_their_records(org: Migration) -> None:
    rows = some(org)
    org.build(rows)
    said = org.json("run")
    step = said["runs"][0]["steps"][1]
    size = sum(r["_bytes"] for r in rows["t__file"])
    assert (step["created"], step["bytes"], step["bytes_sent"]) == (12, size, size)
    accounts = {
        a["Migration_Key__c"]: a["Id"] for a in org.soql("SELECT Id, Migration_Key__c FROM Account")
    }
    found = versions(org)["p:file:3"]
    assert found["Title"] == "Tooth 3"
    assert found["PathOnClient"] == "Tooth 3.png"
    assert found["FirstPublishLocationId"] == accounts["p:family:1"]
    assert found["Document_Category__c"] == "X-Ray"
    assert found["Captured_Date__c"] == "2024-05-06"
    assert_each_once(org, rows)
    with duckdb.connect(str(org.home / "manifest.duckdb")) as con:
        known = con.execute("select key, id, document, state from files").fetchall()
    held = versions(org)
    assert {k: (i, d) for k, i, d, _ in known} == {
        k: (v["Id"], v["ContentDocumentId"]) for k, v in held.items()
    }
    assert {state for *_, state in known} == {"done"}
    assert "MB of files" in org.sf("status") or org.json("status")["runs"][0]["steps"][1]["bytes"]


def test_what_changed_is_a_further_version_or_an_update(org: Migration) -> None:
    rows = some(org, 4)
    org.build(rows)
    org.sf("run")
    first = versions(org)
    files = rows["t__file"]
    files[0] = filed(org.home, 0, b"retaken")
    files[1] |= {"Title": "Bitewing", "Document_Category__c": None}
    files[2] |= {"FirstPublishLocation.Migration_Key__c": "p:family:1"}
    files[3] |= {"PathOnClient": "Renamed.jpg"}
    org.build(rows)
    said = org.json("run")
    assert (said["sent"], said["rejected"]) == (4, 0)
    step = said["runs"][0]["steps"][0]
    assert (step["created"], step["updated"]) == (0, 4)
    found = versions(org)
    assert found["p:file:0"]["VersionNumber"] == "2"
    assert found["p:file:0"]["ContentDocumentId"] == first["p:file:0"]["ContentDocumentId"]
    assert found["p:file:1"]["Id"] == first["p:file:1"]["Id"]
    assert found["p:file:1"]["Title"] == "Bitewing"
    assert found["p:file:1"]["Document_Category__c"] is None
    assert found["p:file:3"]["PathOnClient"] == "Renamed.jpg"
    assert shown_on(org, found["p:file:2"]["ContentDocumentId"]) == ["p:family:1"]
    assert_each_once(org, rows)


def shown_on(org: Migration, document: str) -> list[str]:
    """The keys of the families a document is shown on."""
    links = org.soql(
        f"SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId = '{document}'"
    )
    linked = {each["LinkedEntityId"] for each in links}
    accounts = org.soql("SELECT Id, Migration_Key__c FROM Account")
    return [each["Migration_Key__c"] for each in accounts if each["Id"] in linked]


def test_a_page_in_place_of_the_org_takes_no_file_off_its_record(org: Migration) -> None:
    rows = some(org, 1)
    org.build(rows)
    org.sf("run")
    rows["t__file"][0] |= {"FirstPublishLocation.Migration_Key__c": "p:family:1"}
    org.build(rows)
    place = "^/sobjects/ContentDocumentLink/"
    org.arm({"method": "DELETE", "path": place, "status": 200, "html": True})
    assert "The org did not take document 069" in org.sf("run", code=1)
    org.sf("run")
    assert shown_on(org, versions(org)["p:file:0"]["ContentDocumentId"]) == ["p:family:1"]
    assert_each_once(org, rows)


FAULTS: list[dict[str, Any]] = [
    {"method": "POST", "path": UPLOAD, "status": 503},
    {"method": "POST", "path": UPLOAD, "reset": "before"},
    {"method": "POST", "path": UPLOAD, "reset": "after"},
    {"method": "POST", "path": UPLOAD, "status": 503, "when": "after"},
    {"method": "POST", "path": UPLOAD, "truncate": 10},
    {"method": "POST", "path": UPLOAD, "status": 201, "html": True, "when": "after"},
    {"method": "GET", "path": "^/query", "status": 503, "after": 1},
    {"object": "ContentVersion", "locked": True, "keys": "file:3$"},
]


def test_passing_faults_leave_each_file_once(org: Migration) -> None:
    rows = some(org, 150)
    org.build(rows)
    through(org)
    org.arm(*FAULTS)
    org.sf("run")
    assert [each for each in org.control("GET", "faults") if each["left"]] == []
    assert_each_once(org, rows)


@pytest.mark.parametrize("count", [1, 12])
def test_files_of_which_an_answer_does_not_speak_are_looked_for(org: Migration, count: int) -> None:
    rows = some(org, count)
    org.build(rows)
    # As if documents had been made, not versions.
    said = {"id": "069000000000001AAA", "success": True, "errors": []}
    fault = {"method": "POST", "path": UPLOAD, "status": 200, "when": "after"}
    org.arm(fault | {"body": said if count == 1 else [said] * count})
    assert org.json("run")["rejected"] == 0
    assert len([p for m, p in org.noted() if m == "POST" and "jobs" not in p]) == 1
    assert_each_once(org, rows)


@pytest.mark.long
def test_an_org_that_takes_one_file_at_a_time_gets_each_once(org: Migration) -> None:
    rows = some(org, 12)
    org.build(rows)
    through(org)
    refusal = [{"errorCode": "INVALID_TYPE", "message": "no blobs here"}]
    fault = {"method": "POST", "path": "^/composite/sobjects$", "times": "always"}
    org.arm(fault | {"status": 400, "body": refusal})
    org.sf("run")
    assert_each_once(org, rows)
    rows["t__file"] = [filed(org.home, n, b"new %d" % n) for n in range(12)]
    org.build(rows)
    org.sf("run")
    assert_each_once(org, rows)
    [struck] = org.control("GET", "faults")
    assert struck["struck"] > 1


def test_a_token_is_renewed_among_uploads(org: Migration) -> None:
    rows = some(org)
    org.build(rows)
    door = org.door
    org.environment = {
        "SF_INSTANCE_URL": door["url"],
        "SF_CONSUMER_KEY": "key",
        "SF_CONSUMER_SECRET": door["access_token"],
    }
    org.arm({"method": "POST", "path": UPLOAD, "expired": True, "after": 3, "times": 4})
    org.sf("run")
    assert_each_once(org, rows)


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("changed", [False, True])
def test_killed_among_uploads(org: Migration, method: str, changed: bool) -> None:
    count = 60
    rows = some(org, count)
    org.build(rows)
    if changed:
        org.sf("run")
        rows["t__file"] = [filed(org.home, n, b"new %d" % n) for n in range(count)]
        org.build(rows)
    through(org)
    fault: dict[str, Any] = (
        {"path": UPLOAD} if method == "POST" else {"path": "^/query", "after": 2}
    )
    # What the org was about to do when its client died, it does all the same.
    for when in ("before", "after"):
        org.arm(fault | {"method": method, "stall": 8, "when": when, "times": 2})
        process = org.start("run")
        wait_until_struck(org, process)
        process.kill()
        process.communicate(timeout=60)
    org.arm()
    org.sf("run")
    assert_each_once(org, rows)
    if changed:
        assert {v["VersionNumber"] for v in versions(org).values()} == {"2"}


def wait_until_struck(org: Migration, process: subprocess.Popen[str]) -> None:
    """Waits until a fault has struck, or the process found nothing to be struck."""
    deadline = time.monotonic() + 60
    while process.poll() is None and not any(f["struck"] for f in org.control("GET", "faults")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_full_org_stops_the_run_and_the_next_one_carries_on(org: Migration) -> None:
    rows = some(org)
    org.build(rows)
    org.arm({"storage_full": 7})
    assert "STORAGE_LIMIT_EXCEEDED" in org.sf("run", code=5)
    assert 0 < len(versions(org)) < 12
    org.arm()
    org.sf("run")
    assert_each_once(org, rows)


def test_what_cannot_be_sent_is_refused_with_its_reason(org: Migration) -> None:
    rows = some(org, 6)
    files = rows["t__file"]
    outside = org.home.parent / "outside.png"
    outside.write_bytes(b"no business of ours")
    link = org.home / "raw" / "files" / "link"
    link.symlink_to(outside)
    files[0] |= {"VersionData": "raw/files/nowhere"}
    files[1] |= {"VersionData": "raw/../../outside.png"}
    files[2] |= {"VersionData": "raw/files/link"}
    files[3] |= {"VersionData": str(org.home / files[3]["VersionData"])}
    files[4] |= {"_sha256": "0" * 64}
    files[5] |= {"Title": "x" * 300}
    org.build(rows)
    org.sf("run", code=4)
    with duckdb.connect(str(org.home / "manifest.duckdb")) as con:
        found = con.execute("select key, code from records where code is not null").fetchall()
    assert dict(found) == {
        "p:file:0": "FILE_MISSING",
        "p:file:1": "FILE_REFUSED",
        "p:file:2": "FILE_REFUSED",
        "p:file:3": "FILE_REFUSED",
        "p:file:4": "FILE_CHANGED",
        "p:file:5": "STRING_TOO_LONG",
    }
    assert versions(org) == {}
    rows = some(org, 6)
    org.build(rows)
    org.sf("run")
    assert_each_once(org, rows)


def test_a_changed_file_that_is_refused_leaves_the_old_one(org: Migration) -> None:
    rows = some(org, 2)
    org.build(rows)
    org.sf("run")
    before = versions(org)
    org.build(rows | {"t__file": [filed(org.home, 0, b"new", Title="x" * 300), rows["t__file"][1]]})
    org.sf("run", code=4)
    assert versions(org) == before
    rows["t__file"][0] = filed(org.home, 0, b"new")
    org.build(rows)
    org.sf("run")
    assert_each_once(org, rows)


class Spoiling(socketserver.ThreadingTCPServer):
    """Stands before an org and changes one word of one request on its way, once."""

    daemon_threads = True

    def __init__(self, port: int, word: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Relay)
        self.org, self.word = port, word


class Relay(socketserver.BaseRequestHandler):
    server: Spoiling

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.org)) as org:
            back = threading.Thread(target=self.pass_on, args=(org, self.request), daemon=True)
            back.start()
            self.pass_on(self.request, org, self.server.word)

    def pass_on(self, source: socket.socket, target: socket.socket, word: bytes = b"") -> None:
        with suppress(OSError):
            while block := source.recv(1 << 20):
                if word and word in block and self.server.word:
                    self.server.word = b""
                    block = block.replace(word, word[::-1])
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)


def test_bytes_spoilt_on_their_way_are_sent_again(org: Migration) -> None:
    rows = some(org, 2)
    rows["t__file"].append(filed(org.home, 2, b"a tooth, seen"))
    org.build(rows)
    through(org)
    port = int(org.door["url"].rpartition(":")[2])
    with Spoiling(port, b"tooth") as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        through(org)
        org.environment["SF_INSTANCE_URL"] = f"http://127.0.0.1:{proxy.server_address[1]}"
        org.sf("run")
        proxy.shutdown()
    assert proxy.word == b""
    assert versions(org)["p:file:2"]["VersionNumber"] == "2"
    through(org)
    assert_each_once(org, rows)


def test_earlier_bytes_that_arrive_damaged_are_not_put_back(org: Migration) -> None:
    rows = some(org, 2)
    org.build(rows)
    org.sf("run")
    before = {key: each["Checksum"] for key, each in versions(org).items()}
    rows["t__file"][1] = filed(org.home, 1, b"retouched")
    org.build(rows)
    org.sf("run")
    after = versions(org)
    assert {key: each["Checksum"] for key, each in after.items()} != before
    org.arm({"method": "GET", "path": "/VersionData$", "status": 200, "body": "something else"})
    assert "with others than it says it holds" in org.sf("rollback", "last", code=1)
    assert versions(org) == after
    org.arm()
    said = org.json("rollback", "last")
    assert (said["equal"], said["left_count"], said["refused"]) == (True, 0, []), said
    assert {key: each["Checksum"] for key, each in versions(org).items()} == before


def test_verify_sees_other_bytes(org: Migration) -> None:
    rows = some(org, 3)
    org.build(rows)
    org.sf("run")
    found = versions(org)["p:file:1"]
    parts = {
        "entity_content": (None, "{}", "application/json"),
        "VersionData": ("x", b"somebody's own", "application/octet-stream"),
    }
    org.rest("PATCH", f"sobjects/ContentVersion/{found['Id']}", files=parts)
    verified = org.json("verify", code=1)
    (difference,) = verified["steps"][1]["differences"]
    assert (difference["field"], difference["keys"]) == ("VersionData", ["p:file:1"])


# The practice that people fear: thousands of files, one of them huge, and a night's power cut.
MANY, LARGEST = 2_000, 24 * 1024 * 1024


def many(org: Migration, count: int = MANY) -> Rows:
    """Files of mixed sizes, from a byte to a scan, and one of 24 MB."""
    chance = random.Random(6)
    sizes = [1 + int(chance.paretovariate(0.9) * 300) % 400_000 for _ in range(count - 1)]
    rows = [filed(org.home, n, chance.randbytes(size)) for n, size in enumerate(sizes)]
    rows.insert(count // 2, filed(org.home, count - 1, chance.randbytes(LARGEST)))
    return {"t__family": families(), "t__file": rows}


@pytest.mark.long
def test_two_thousand_files_killed_in_the_middle_are_each_there_once(org: Migration) -> None:
    rows = many(org)
    org.build(rows)
    process = org.start("run")
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        time.sleep(0.3)
        if process.poll() is not None or uploaded(org) > MANY // 2:
            break
    process.kill()
    process.communicate(timeout=60)
    assert MANY // 4 < uploaded(org) < MANY
    org.sf("run")
    assert_each_once(org, rows)


def uploaded(org: Migration) -> int:
    """How many files lie in the org, by its folder: no request of ours must keep it busy."""
    folder = org.home / "local_org" / "files"
    return sum(1 for each in os.scandir(folder) if each.is_file()) if folder.is_dir() else 0


# A process begins with the memory of the one that forks it, in Linux' account: a small one has to.
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_memory_does_not_grow_with_a_file(org: Migration) -> None:
    peaks = []
    for size in (1024 * 1024, 4 * LARGEST):
        data = random.Random(size).randbytes(size)
        org.build({"t__family": families(), "t__file": [filed(org.home, size, data)]})
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, str(BIN / "load-sf"), "run"],
            env=environment(org.home),
            cwd=org.home.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout) * (1 if sys.platform == "darwin" else 1024))
    # A run takes some megabytes more or less by itself.
    assert peaks[1] - peaks[0] <= LARGEST, peaks


def test_files_that_are_gone_from_the_source_begin_no_run(org: Migration) -> None:
    """They stay whatever is asked for, so there is nothing to delete."""
    rows = some(org, 2)
    org.build(rows)
    org.sf("run")
    org.build(rows | {"t__file": rows["t__file"][:1]})
    ended = org.run("run", "--delete-missing", "--json", code=0)
    assert "1 records are gone from the source" in ended.stderr
    assert json.loads(ended.stdout)["runs"] == []
    [gone] = [each for each in org.json("plan")["gone"] if each["gone"]]
    assert (gone["object"], gone["gone"], gone["ours"]) == ("ContentVersion", 1, 0)
    assert len(versions(org)) == 2
