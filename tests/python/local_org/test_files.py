"""Salesforce Files over HTTP: uploads of every kind, versions, links, deletes, crashes."""

import hashlib
import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.python.local_org.client import Client, Server
from tests.python.local_org.uploads import (
    WHERE,
    archive,
    as_json,
    download,
    links,
    multipart,
    upload,
    version,
)
from tests.python.local_org.wording import assumed, sourced

DATA = b"\x00\x01 not text \xff\r\n--boundary\r\n" * 999
MISSING = "Required fields are missing: "


@pytest.fixture(scope="module")
def files_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("files") / "org")
    client = made.start()
    assert client.deploy(archive())["status"] == "Succeeded"
    client.assign("Archive")
    client.session.close()
    yield made
    made.end()


@pytest.fixture(scope="module")
def org(files_server: Server) -> Iterator[Client]:
    client = files_server.client()
    yield client
    client.session.close()


def kept(server: Server) -> list[Path]:
    return sorted(path for path in (server.store / "files").rglob("*") if path.is_file())


def document_of(org: Client, version_id: str) -> str:
    return str(version(org, version_id)["ContentDocumentId"])


def user_of(org: Client) -> str:
    return str(org.query("SELECT Id FROM User")[0]["Id"])


def patch(org: Client, path: str, **more: Any) -> Any:
    return org.call("PATCH", f"{WHERE}/{path}", **more)


def error(answer: Any, status: int = 400) -> tuple[str, str, list[str]]:
    assert answer.status_code == status, answer.text
    found = answer.json()[0]
    return found["errorCode"], found["message"], found.get("fields", [])


@pytest.mark.parametrize("way", ["json", "multipart"])
def test_an_upload_makes_a_version_and_its_document(org: Client, way: str) -> None:
    given = {"PathOnClient": r"C:\xrays\tooth 14.PDF", "Description": "d"}
    if way == "json":
        made = org.create("ContentVersion", **as_json(DATA, **given))
    else:
        made = upload(org, DATA, **given)
    assert made.startswith("068") and download(org, made) == DATA
    found = version(org, made)
    user = user_of(org)
    expected = {
        "Title": "tooth 14",
        "FileExtension": "PDF",
        "FileType": "PDF",
        "ContentSize": len(DATA),
        "Checksum": hashlib.md5(DATA).hexdigest(),
        "VersionNumber": "1",
        "IsLatest": True,
        "PathOnClient": r"C:\xrays\tooth 14.PDF",
        "FirstPublishLocationId": user,
        "PublishStatus": "R",
        "ContentLocation": "S",
        "Origin": "C",
        "OwnerId": user,
    }
    assert {name: found[name] for name in expected} == expected
    where = f"Id = '{found['ContentDocumentId']}'"
    names = "Title, FileType, FileExtension, ContentSize, LatestPublishedVersionId, OwnerId"
    document = org.query(f"SELECT {names} FROM ContentDocument WHERE {where}")[0]
    assert document == {
        "Title": "tooth 14",
        "FileType": "PDF",
        "FileExtension": "PDF",
        "ContentSize": len(DATA),
        "LatestPublishedVersionId": made,
        "OwnerId": user,
    }
    assert links(org, found["ContentDocumentId"]) == {user: "I"}


def test_a_query_shows_where_the_bytes_are(org: Client) -> None:
    made = upload(org, b"x", PathOnClient="a.txt")
    path = f"/services/data/v67.0/sobjects/ContentVersion/{made}/VersionData"
    where = f"Id = '{made}'"
    assert org.query(f"SELECT VersionData FROM ContentVersion WHERE {where}") == [
        {"VersionData": path}
    ]
    document = document_of(org, made)
    parent = org.query(
        f"SELECT LatestPublishedVersion.VersionData FROM ContentDocument WHERE Id = '{document}'"
    )
    assert parent == [{"LatestPublishedVersion": {"VersionData": path}}]
    assert org.call("GET", f"{WHERE}/{document}/VersionData").status_code == 404
    assert org.call("GET", f"{WHERE}/068000000000000AAA/VersionData").status_code == 404


@pytest.mark.parametrize(
    ("path", "extension", "kind"),
    [
        ("a.docx", "docx", "WORD_X"),
        ("a.txt", "txt", "TEXT"),
        ("a.jpeg", "jpeg", "JPG"),
        ("a.dcm", "dcm", "UNKNOWN"),
        ("README", None, "UNKNOWN"),
        (".bashrc", None, "UNKNOWN"),
        ("/tmp/x.d/a", None, "UNKNOWN"),
    ],
)
def test_the_type_is_told_by_the_path(
    org: Client, path: str, extension: str | None, kind: str
) -> None:
    found = version(org, upload(org, b"x", PathOnClient=path, Title="T"))
    assert (found["FileExtension"], found["FileType"], found["Title"]) == (extension, kind, "T")


def test_a_file_is_published_on_a_record_of_any_object(org: Client) -> None:
    user = user_of(org)
    for name, values in (("Account", {"Name": "A"}), ("Chart__c", {"Name": "C"})):
        record = org.create(name, **values)
        made = upload(org, b"x", PathOnClient="a.txt", FirstPublishLocationId=record)
        found = version(org, made)
        assert (found["FirstPublishLocationId"], found["PublishStatus"]) == (record, "P")
        assert links(org, found["ContentDocumentId"]) == {user: "I", record: "V"}


def test_a_further_version_is_the_latest(org: Client) -> None:
    first = upload(org, b"one", PathOnClient="a.txt")
    document = document_of(org, first)
    given = {"PathOnClient": "b.pdf", "ReasonForChange": "r", "ContentDocumentId": document}
    second = upload(org, b"second", **given)
    third = org.create("ContentVersion", **as_json(b"3", **given, Title="Third"))
    rows = org.query(
        "SELECT Id, VersionNumber, IsLatest FROM ContentVersion "
        f"WHERE ContentDocumentId = '{document}' ORDER BY VersionNumber"
    )
    assert [(row["Id"], row["VersionNumber"], row["IsLatest"]) for row in rows] == [
        (first, "1", False),
        (second, "2", False),
        (third, "3", True),
    ]
    shown = org.query(
        "SELECT Title, FileType, ContentSize, LatestPublishedVersionId FROM ContentDocument "
        f"WHERE Id = '{document}'"
    )
    assert shown == [
        {
            "Title": "Third",
            "FileType": "PDF",
            "ContentSize": 1,
            "LatestPublishedVersionId": third,
        }
    ]
    assert [download(org, each) for each in (first, second, third)] == [b"one", b"second", b"3"]
    assert len(links(org, document)) == 1
    account = org.create("Account", Name="A")
    answer = org.call("POST", WHERE, files=multipart(b"4", **given, FirstPublishLocationId=account))
    said = assumed("FirstPublishLocationId can be set on the first version of a document only")
    assert error(answer)[:2] == ("FIELD_INTEGRITY_EXCEPTION", said)


def test_what_a_version_must_have(org: Client) -> None:
    assert org.refused("ContentVersion", **as_json(b"x", Title="T")) == (
        "REQUIRED_FIELD_MISSING",
        assumed(f"{MISSING}[PathOnClient]"),
        ["PathOnClient"],
    )
    assert org.refused("ContentVersion", PathOnClient="a.txt") == (
        "REQUIRED_FIELD_MISSING",
        assumed(f"{MISSING}[VersionData]"),
        ["VersionData"],
    )
    assert org.refused("ContentVersion", Title="T")[2] == ["PathOnClient", "VersionData"]
    for wrong in ("%%%%", "YQ=", 5, ["YQ=="], {"a": "b"}):
        values = {"PathOnClient": "a.txt", "VersionData": wrong}
        code, message, _ = org.refused("ContentVersion", **values)
        assert code == "JSON_PARSER_ERROR" and "%" not in message
    for name in ("FileType", "Checksum", "VersionNumber"):
        values = as_json(b"x", PathOnClient="a.txt", **{name: "1"})
        assert org.refused("ContentVersion", **values)[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_link_is_a_version_without_bytes(org: Client) -> None:
    made = org.create("ContentVersion", Title="L", ContentUrl="https://example.com/x")
    found = version(org, made)
    shown = (found["FileType"], found["ContentSize"], found["VersionData"], found["Checksum"])
    assert shown == ("LINK", 0, None, None)
    values = as_json(b"x", ContentUrl="https://example.com/x", Title="L")
    assert org.refused("ContentVersion", **values)[0] == "FIELD_INTEGRITY_EXCEPTION"


def test_custom_fields_are_held_to_their_rules(org: Client) -> None:
    given = {"PathOnClient": "a.txt", "Migration_Key__c": "img:rules"}
    made = upload(org, b"x", **given, Taken_On__c="2024-05-06", Tooth__c="14", View__c="Bitewing")
    found = version(org, made)
    assert (found["Taken_On__c"], found["Tooth__c"]) == ("2024-05-06", "14")
    source = "REST guide, error of a duplicate"
    assert error(org.call("POST", WHERE, files=multipart(b"x", **given))) == (
        "DUPLICATE_VALUE",
        sourced(
            f"duplicate value found: Migration_Key__c duplicates value on record with id: {made}",
            source,
        ),
        ["Migration_Key__c"],
    )
    for field, value, code in (
        ("Tooth__c", "14-15", "STRING_TOO_LONG"),
        ("View__c", "Other", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Hidden__c", "x", "INVALID_FIELD"),
        ("Taken_On__c", "yesterday", "JSON_PARSER_ERROR"),
    ):
        values = as_json(b"x", PathOnClient="a.txt", **{field: value})
        assert org.refused("ContentVersion", **values)[0] == code
    fields = org.get(f"{WHERE}/describe")["fields"]
    by_name = {each["name"]: each for each in fields}
    assert by_name["Migration_Key__c"]["externalId"] is True
    assert "Hidden__c" not in by_name and by_name["VersionData"]["type"] == "base64"


def test_refused_uploads_leave_nothing(org: Client, files_server: Server) -> None:
    before = kept(files_server)
    assert org.call("POST", WHERE, files=multipart(b"x", Title="T")).status_code == 400
    bad = multipart(b"x", PathOnClient="a.txt", Tooth__c="14-15")
    assert org.call("POST", WHERE, files=bad).status_code == 400
    answer = org.call("POST", "/sobjects/Account", files=multipart(b"x", Name="A"))
    assert error(answer)[0] == "INVALID_FIELD"
    assert kept(files_server) == before


@pytest.mark.parametrize("way", ["json", "multipart"])
def test_an_upsert_by_key_can_be_run_again(org: Client, way: str) -> None:
    path = f"Migration_Key__c/img:again-{way}"

    def send(data: bytes | None, **fields: Any) -> Any:
        if data is None:
            return patch(org, path, json=fields)
        if way == "json":
            return patch(org, path, json=as_json(data, **fields))
        return patch(org, path, files=multipart(data, **fields))

    first = send(b"one", PathOnClient="a.txt", Tooth__c="14")
    assert first.status_code == 201 and first.json()["created"] is True
    made = first.json()["id"]
    document = document_of(org, made)
    second = send(None, Tooth__c="15")
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert second.json()["id"] == made
    found = version(org, made)
    assert (found["Tooth__c"], found["VersionNumber"]) == ("15", "1")
    assert download(org, made) == b"one"
    third = send(b"second", Title="New")
    assert third.status_code == 200 and third.json()["id"] == made
    found = version(org, made)
    assert download(org, made) == b"second" and document_of(org, made) == document
    assert (found["ContentSize"], found["Checksum"]) == (6, hashlib.md5(b"second").hexdigest())
    titles = org.query(f"SELECT Title, ContentSize FROM ContentDocument WHERE Id = '{document}'")
    assert titles == [{"Title": "New", "ContentSize": 6}]
    again = error(send(b"one", PathOnClient="a.txt"))
    assert again[0] == "INVALID_FIELD_FOR_INSERT_UPDATE" and again[2] == ["PathOnClient"]


def test_only_the_latest_version_is_updated(org: Client) -> None:
    first = upload(org, b"one", PathOnClient="a.txt")
    upload(org, b"two", PathOnClient="a.txt", ContentDocumentId=document_of(org, first))
    said = "You can only update a version if it is the latest version"
    found = error(patch(org, first, json={"Title": "x"}))
    assert found[:2] == ("FIELD_INTEGRITY_EXCEPTION", assumed(said))
    assert version(org, first)["Title"] == "a"


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


def test_all_or_none_takes_the_bytes_back(org: Client, files_server: Server) -> None:
    before = kept(files_server)
    kind = {"attributes": {"type": "ContentVersion"}}
    records = [
        {**kind, **as_json(b"a", PathOnClient="a.txt")},
        {**kind, **as_json(b"b", PathOnClient="b.txt", Tooth__c="too long")},
    ]
    body = {"allOrNone": True, "records": records}
    answer = org.call("POST", "/composite/sobjects", json=body)
    assert [each["success"] for each in answer.json()] == [False, False]
    assert kept(files_server) == before


def test_links_are_made_once_and_deleted(org: Client) -> None:
    document = document_of(org, upload(org, b"x", PathOnClient="a.txt"))
    account = org.create("Account", Name="A")
    pair = {"ContentDocumentId": document, "LinkedEntityId": account}
    assert org.refused("ContentDocumentLink", **pair) == (
        "REQUIRED_FIELD_MISSING",
        assumed(f"{MISSING}[ShareType]"),
        ["ShareType"],
    )
    link = org.create("ContentDocumentLink", **pair, ShareType="V")
    assert link.startswith("06A")
    assert links(org, document)[account] == "V"
    said = sourced(
        f"Document with ID: {document[:15]} is already linked with the entity with ID: "
        f"{account[:15]}",
        "github.com LightningFlowComponents #1647",
    )
    found = ("DUPLICATE_VALUE", said, ["LinkedEntityId"])
    assert org.refused("ContentDocumentLink", **pair, ShareType="V") == found
    header = "ContentDocumentId,LinkedEntityId,ShareType\n"
    job = org.bulk("ContentDocumentLink", "insert", f"{header}{document},{account},V\n")
    assert job.error() == f"DUPLICATE_VALUE:{said}:LinkedEntityId --"
    assert org.refused("ContentDocumentLink", **pair, ShareType="X")[0] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )
    assert org.call("DELETE", f"/sobjects/ContentDocumentLink/{link}").status_code == 204
    assert account not in links(org, document)
    org.create("ContentDocumentLink", **pair, ShareType="I", Visibility="AllUsers")
    assert links(org, document)[account] == "I"


@pytest.mark.parametrize(
    "where",
    [
        "",
        " WHERE ShareType = 'V'",
        " WHERE ContentDocumentId != '069000000000000AAA'",
        " WHERE ContentDocumentId = '069000000000000AAA' OR ShareType = 'V'",
    ],
)
def test_a_query_of_links_names_one_end(org: Client, where: str) -> None:
    said = sourced(
        "Implementation restriction: ContentDocumentLink requires a filter by a single Id on "
        "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using "
        "the IN operator.",
        "public logs of several backup tools",
    )
    soql = f"SELECT Id FROM ContentDocumentLink{where}"
    found = org.query_error(soql)
    assert (found["errorCode"], found["message"]) == ("MALFORMED_QUERY", said)
    answer = org.call("POST", "/jobs/query", json={"operation": "query", "query": soql})
    assert error(answer)[0] == "MALFORMED_QUERY"


def test_deleting_a_record_deletes_its_links_only(org: Client) -> None:
    account = org.create("Account", Name="A")
    made = upload(org, b"x", PathOnClient="a.txt", FirstPublishLocationId=account)
    document = document_of(org, made)
    assert account in links(org, document)
    assert org.call("DELETE", f"/sobjects/Account/{account}").status_code == 204
    assert account not in links(org, document)
    assert download(org, made) == b"x"


@pytest.mark.parametrize("way", ["rest", "collection", "bulk"])
def test_deleting_a_document_removes_versions_links_and_bytes(
    org: Client, files_server: Server, way: str
) -> None:
    before = kept(files_server)
    first = upload(org, b"one", PathOnClient="a.txt")
    document = document_of(org, first)
    upload(org, b"two", PathOnClient="a.txt", ContentDocumentId=document)
    assert len(kept(files_server)) == len(before) + 2
    if way == "rest":
        assert org.call("DELETE", f"/sobjects/ContentDocument/{document}").status_code == 204
    elif way == "collection":
        answer = org.call("DELETE", "/composite/sobjects", params={"ids": document})
        assert answer.json()[0]["success"] is True
    else:
        assert org.bulk("ContentDocument", "delete", f"Id\n{document}\n").counts[1:] == (1, 0)
    where = f"WHERE ContentDocumentId = '{document}'"
    assert org.query(f"SELECT Id FROM ContentVersion {where}") == []
    assert org.query(f"SELECT Id FROM ContentDocumentLink {where}") == []
    gone = org.query(f"SELECT IsDeleted FROM ContentVersion {where}", everything=True)
    assert [row["IsDeleted"] for row in gone] == [True, True]
    assert org.call("GET", f"{WHERE}/{first}/VersionData").status_code == 404
    deadline = time.monotonic() + 5
    while kept(files_server) != before:
        # A job is complete before the bytes it let go of are gone.
        assert way == "bulk" and time.monotonic() < deadline
        time.sleep(0.02)


def test_what_cannot_be_done_is_refused(org: Client) -> None:
    made = upload(org, b"x", PathOnClient="a.txt")
    found = error(org.call("DELETE", f"{WHERE}/{made}"))
    assert found[0] == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert found[1] == assumed("entity type cannot be deleted: ContentVersion")
    code, message, _ = org.refused("ContentDocument", Title="x")
    assert code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert message == assumed("entity type cannot be inserted: Content Document")
    for operation in ("insert", "update"):
        body = {"object": "ContentVersion", "operation": operation, "contentType": "CSV"}
        answer = org.call("POST", "/jobs/ingest", json=body)
        said = sourced("Entity 'ContentVersion' is not supported by the Bulk API.", "Data Loader")
        assert error(answer)[:2] == ("INVALIDENTITY", said)


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
    org: Client, files_server: Server, body: bytes, kind: str
) -> None:
    before = kept(files_server)
    answer = org.call("POST", WHERE, data=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert kept(files_server) == before


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
