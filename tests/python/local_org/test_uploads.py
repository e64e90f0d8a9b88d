"""Uploads that go wrong, go on at once, are too large or are cut off; and what stays on disk."""

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.python.local_org.client import Client, Server
from tests.python.local_org.uploads import (
    WHERE,
    as_json,
    document_of,
    download,
    error,
    kept,
    multipart,
    upload,
    version,
)
from tests.python.local_org.wording import sourced

DATA = b"\x00\x01 not text \xff\r\n--boundary\r\n" * 999


@pytest.fixture
def org(archive_org: Client) -> Client:
    return archive_org


def test_collections_take_files(org: Client) -> None:
    kind = {"attributes": {"type": "ContentVersion"}}
    records = [
        {**kind, **as_json(b"a", PathOnClient="a.txt")},
        {**kind, "PathOnClient": "b.txt"},
        {"attributes": {"type": "Account"}, "Name": "Beside"},
    ]
    answer = org.call("POST", "/composite/sobjects", json={"records": records})
    first, second, third = answer.json()
    assert first["success"] and third["success"] and not second["success"]
    assert second["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert download(org, first["id"]) == b"a"

    def part(name: str, path: str) -> dict[str, Any]:
        attributes = {
            "type": "ContentVersion",
            "binaryPartName": name,
            "binaryPartNameAlias": "VersionData",
        }
        return {"attributes": attributes, "PathOnClient": path}

    body = {"allOrNone": True, "records": [part("one", "1.txt"), part("two", "2.txt")]}
    parts = {
        "collection": (None, json.dumps(body), "application/json"),
        "one": ("1.txt", b"first", "text/plain"),
        "two": ("2.txt", b"second", "text/plain"),
    }
    made = [each["id"] for each in org.call("POST", "/composite/sobjects", files=parts).json()]
    assert [download(org, each) for each in made] == [b"first", b"second"]
    del parts["two"]
    found = error(org.call("POST", "/composite/sobjects", files=parts))
    assert found[0] == "INVALID_MULTIPART_REQUEST"


def test_refused_uploads_leave_nothing(org: Client, archive_server: Server) -> None:
    before = kept(archive_server)
    assert org.call("POST", WHERE, files=multipart(b"x", Title="T")).status_code == 400
    bad = multipart(b"x", PathOnClient="a.txt", Tooth__c="14-15")
    assert org.call("POST", WHERE, files=bad).status_code == 400
    answer = org.call("POST", "/sobjects/Account", files=multipart(b"x", Name="A"))
    assert error(answer)[0] == "INVALID_FIELD"
    assert kept(archive_server) == before


def test_all_or_none_takes_the_bytes_back(org: Client, archive_server: Server) -> None:
    before = kept(archive_server)
    kind = {"attributes": {"type": "ContentVersion"}}
    records = [
        {**kind, **as_json(b"a", PathOnClient="a.txt")},
        {**kind, **as_json(b"b", PathOnClient="b.txt", Tooth__c="too long")},
    ]
    body = {"allOrNone": True, "records": records}
    answer = org.call("POST", "/composite/sobjects", json=body)
    assert [each["success"] for each in answer.json()] == [False, False]
    assert kept(archive_server) == before


def test_a_request_over_50_mb_must_be_multipart(org: Client) -> None:
    data = b"\0" * 39_400_000
    answer = org.call("POST", WHERE, json=as_json(data, PathOnClient="a.bin"))
    code, message, _ = error(answer)
    assert code == "JSON_PARSER_ERROR"
    assert message == sourced(
        "; nested exception is: \n\tcommon.exception.ApiException: Maximum size of request "
        "reached. Maximum size of request is 52428800 bytes.",
        "github.com SalesforceMobileSDK-iOS #3575",
    )
    made = upload(org, data, PathOnClient="a.bin")
    assert version(org, made)["ContentSize"] == len(data)
    assert org.call("DELETE", f"/sobjects/ContentDocument/{document_of(org, made)}").ok


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"junk", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\nno name\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data"),
        (
            b'--x\r\nContent-Disposition: form-data; name="VersionData"; filename="../../a"\r\n'
            b"\r\ncut off",
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="VersionData"; filename="a"\r\n\r\n1'
            b'\r\n--x\r\nContent-Disposition: form-data; name="VersionData"; filename="a"\r\n'
            b"\r\n2\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_malformed_uploads_are_refused(
    org: Client, archive_server: Server, body: bytes, kind: str
) -> None:
    before = kept(archive_server)
    answer = org.call("POST", WHERE, data=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert kept(archive_server) == before


def test_five_uploads_at_once(org: Client) -> None:
    bodies = [bytes([number]) * 3_000_000 for number in range(5)]
    made: dict[int, str] = {}

    def work(number: int) -> None:
        client = Client(org.url, org.token, org.organization)
        made[number] = upload(client, bodies[number], PathOnClient=f"{number}.bin")
        client.session.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [download(org, made[number]) for number in range(5)] == bodies
    assert len({document_of(org, each) for each in made.values()}) == 5


def test_acknowledged_bytes_survive_kill_9_and_orphans_do_not(server: Server) -> None:
    org = server.start()
    made = upload(org, DATA, PathOnClient="a.bin")
    gone = upload(org, b"gone", PathOnClient="b.bin")
    assert org.call("DELETE", f"/sobjects/ContentDocument/{document_of(org, gone)}").ok
    org.session.close()
    server.end(signal.SIGKILL)
    (server.store / "files" / "0123456789abcdef").write_bytes(b"orphan")
    (server.store / "files" / "incoming" / "fedcba9876543210").write_bytes(b"cut off")
    org = server.start()
    assert download(org, made) == DATA
    assert len(kept(server)) == 1
    org.session.close()


def test_memory_does_not_grow_with_a_file(server: Server, tmp_path: Path) -> None:
    org = server.start()
    upload(org, b"first", PathOnClient="a.bin")

    def peak() -> int:
        assert server.process is not None
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0])

    before = peak()
    size = 60_000_000

    def body() -> Iterator[bytes]:
        head = json.dumps({"PathOnClient": "big.bin"}).encode()
        yield b'--x\r\nContent-Disposition: form-data; name="entity_content"\r\n'
        yield b"Content-Type: application/json\r\n\r\n" + head + b"\r\n--x\r\n"
        yield b'Content-Disposition: form-data; name="VersionData"; filename="big.bin"\r\n\r\n'
        for _ in range(size // 100_000):
            yield b"\x07" * 100_000
        yield b"\r\n--x--\r\n"

    answer = org.call(
        "POST", WHERE, data=body(), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 201, answer.text
    assert version(org, answer.json()["id"])["ContentSize"] == size
    assert peak() - before < 20_000
    org.session.close()
