"""What the org allows: requests a day, storage for data and for files."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import clinic
from tests.python.local_org.uploads import WHERE, as_json, multipart, upload, version
from tests.python.local_org.wording import sourced

STORAGE = sourced("storage limit exceeded", "public logs, `STORAGE_LIMIT_EXCEEDED, … : []`")
MB = 1024 * 1024


@pytest.fixture
def org(server: Server) -> Iterator[Client]:
    client = server.start()
    yield client
    client.session.close()


def used(org: Client) -> int:
    header = org.call("GET", "/limits").headers["Sforce-Limit-Info"]
    return int(header.removeprefix("api-usage=").partition("/")[0])


def left(org: Client, name: str) -> int:
    limit = org.get("/limits")[name]
    assert set(limit) == {"Max", "Remaining"}
    return int(limit["Max"]) - int(limit["Remaining"])


def test_calls_are_counted_and_oauth_and_control_are_not(org: Client) -> None:
    before = used(org)
    form = {"grant_type": "client_credentials", "client_id": "k", "client_secret": org.token}
    for _ in range(3):
        org.session.post(f"{org.url}/services/oauth2/token", data=form, timeout=10)
        org.get("/services/oauth2/userinfo")
        org.get("/local-org/switches")
        org.get("/services/data")
    assert used(org) == before + 1
    assert org.get("/limits")["DailyApiRequests"]["Remaining"] == 5_000_000 - before - 2
    org.call("GET", "/sobjects/None")
    org.session.get(f"{org.url}/services/data/v67.0/limits", timeout=10)
    assert used(org) == before + 4


def test_a_day_has_so_many_requests(org: Client) -> None:
    limit = used(org) + 3
    org.switch(daily_api_requests=limit)
    for _ in range(3):
        assert org.call("GET", "/sobjects").status_code == 200
    for path in ("/sobjects", "/limits"):
        answer = org.call("GET", path)
        assert answer.status_code == 403
        assert answer.json() == [
            {
                "message": sourced("TotalRequests Limit exceeded.", "github.com OrgCheck #181"),
                "errorCode": "REQUEST_LIMIT_EXCEEDED",
            }
        ]
    assert org.get("/services/oauth2/userinfo")
    org.switch(daily_api_requests=limit + 1)
    info = org.call("GET", "/sobjects").headers["Sforce-Limit-Info"]
    assert info == f"api-usage={limit + 1}/{limit + 1}"


def test_the_count_is_kept_across_a_restart(server: Server) -> None:
    org = server.start()
    for _ in range(7):
        org.get("/limits")
    org.session.close()
    server.end()
    org = server.start()
    assert used(org) == 8
    org.session.close()
    server.end(signal.SIGKILL)


def test_data_storage_is_two_kb_a_record(org: Client) -> None:
    assert org.deploy(clinic())["status"] == "Succeeded"
    org.assign("Loader")
    assert left(org, "DataStorageMB") == 0
    rows = "".join(f"Row {number}\n" for number in range(1024))
    assert org.bulk("Account", "insert", "Name\n" + rows).counts[2] == 0
    assert left(org, "DataStorageMB") == 2
    contact = org.create("Contact", LastName="C")
    assert left(org, "DataStorageMB") == 3
    # What is in the recycle bin counts on.
    assert org.call("DELETE", f"/sobjects/Contact/{contact}").status_code == 204
    assert left(org, "DataStorageMB") == 3


def test_full_data_storage_takes_no_new_record(org: Client) -> None:
    assert org.deploy(clinic())["status"] == "Succeeded"
    org.assign("Loader")
    rows = "".join(f"k{number},Row\n" for number in range(512))
    header = "Migration_Key__c,Name\n"
    org.bulk("Account", "upsert", header + rows, "Migration_Key__c")
    org.switch(data_storage_mb=1)
    assert org.refused("Contact", LastName="C") == ("STORAGE_LIMIT_EXCEEDED", STORAGE, [])
    job = org.bulk("Account", "upsert", header + "k1,New\nother,New\n", "Migration_Key__c")
    assert job.counts == ("JobComplete", 2, 1)
    assert job.error() == f"STORAGE_LIMIT_EXCEEDED:{STORAGE}:--"
    assert org.query("SELECT Name FROM Account WHERE Migration_Key__c = 'k1'") == [{"Name": "New"}]
    # Setup records and files take no data storage.
    upload(org, b"x", PathOnClient="a.txt")
    org.create("PermissionSet", Name="P", Label="P")
    org.switch(data_storage_mb=2)
    org.create("Contact", LastName="C")


def test_file_storage_counts_every_version_by_the_byte(org: Client) -> None:
    first = upload(org, b"x" * MB, PathOnClient="a.bin")
    assert left(org, "FileStorageMB") == 1
    document = version(org, first)["ContentDocumentId"]
    upload(org, b"x", PathOnClient="a.bin", ContentDocumentId=document)
    assert left(org, "FileStorageMB") == 2
    assert org.call("DELETE", f"/sobjects/ContentDocument/{document}").status_code == 204
    assert left(org, "FileStorageMB") == 0


def test_full_file_storage_takes_no_file(org: Client, server: Server) -> None:
    org.switch(file_storage_mb=1)
    upload(org, b"x" * (MB - 10), PathOnClient="a.bin")
    for more in (
        {"files": multipart(b"x" * 11, PathOnClient="b.bin")},
        {"json": as_json(b"x" * 11, PathOnClient="b.bin")},
    ):
        answer = org.call("POST", WHERE, **more)
        body: Any = answer.json()[0]
        found = (answer.status_code, body["errorCode"], body["message"])
        assert found == (400, "STORAGE_LIMIT_EXCEEDED", STORAGE)
    upload(org, b"x" * 10, PathOnClient="c.bin")
    files = [path for path in (server.store / "files").rglob("*") if path.is_file()]
    assert len(files) == 2
