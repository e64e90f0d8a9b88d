"""Salesforce Files over HTTP: uploads of every kind, versions, links, deletes."""

import hashlib
import time
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
    links,
    multipart,
    upload,
    version,
)
from tests.python.local_org.wording import assumed, sourced

DATA = b"\x00\x01 not text \xff\r\n--boundary\r\n" * 999
MISSING = "Required fields are missing: "


@pytest.fixture
def org(archive_org: Client) -> Client:
    return archive_org


def user_of(org: Client) -> str:
    return str(org.query("SELECT Id FROM User")[0]["Id"])


def patch(org: Client, path: str, **more: Any) -> Any:
    return org.call("PATCH", f"{WHERE}/{path}", **more)


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
    shown = org.query(
        "SELECT LinkedEntity.Type, LinkedEntity.Name, ContentDocument.Title "
        f"FROM ContentDocumentLink WHERE LinkedEntityId IN ('{account}')"
    )
    assert shown == [
        {
            "LinkedEntity": {"Type": "Account", "Name": "A"},
            "ContentDocument": {"Title": "a"},
        }
    ]


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
    org: Client, archive_server: Server, way: str
) -> None:
    before = kept(archive_server)
    first = upload(org, b"one", PathOnClient="a.txt")
    document = document_of(org, first)
    upload(org, b"two", PathOnClient="a.txt", ContentDocumentId=document)
    assert len(kept(archive_server)) == len(before) + 2
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
    while kept(archive_server) != before:
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
