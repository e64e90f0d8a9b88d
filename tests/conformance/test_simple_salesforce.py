"""simple-salesforce, the library most of Python's world uses, as it is pinned for the loader.

It builds https addresses whatever it is given; a requests adapter mounted for the org's address
sends them over plain HTTP, and nothing of the library itself is changed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceOperationError,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from tests.conformance.org import Org
from tests.conformance.table import PASSED, REFUSED, SIMPLE

KEY = "Migration_Key__c"
AWKWARD = 'Zoë "Zed" Müller, 🦷\nsecond line; O\'Hara'
POLL = 0.05


def covers(call: str, why: str, verdict: str = PASSED) -> pytest.MarkDecorator:
    return pytest.mark.covers(SIMPLE, call, why, verdict)


class Plain(HTTPAdapter):
    """Sends what was meant for https over http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> Any:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **more)


def connect(org: Org, token: str) -> Any:
    """Give the client; of its own types not all agree with how it is used."""
    session = requests.Session()
    session.mount(f"https://{urlparse(org.url).netloc}", Plain())
    return Salesforce(instance_url=org.url, session_id=token, session=session, version="67.0")


@pytest.fixture(scope="module")
def sf(org: Org) -> Iterator[Any]:
    org.with_clinic()
    made = connect(org, org.token)
    yield made
    made.session.close()


def accounts(stem: str, count: int) -> list[dict[str, str]]:
    return [{"Name": f"{stem} {n}", KEY: f"ss:{stem}:{n}"} for n in range(count)]


def names(sf: Any, stem: str) -> list[str]:
    found = sf.query(f"SELECT Name FROM Account WHERE {KEY} LIKE 'ss:{stem}:%'")
    return sorted(each["Name"] for each in found["records"])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _refusal(caught: pytest.ExceptionInfo[SalesforceError]) -> dict[str, Any]:
    content: Any = caught.value.content
    [error] = content
    return dict(error)


@covers("`sf.X.create`, `get`, `get_by_custom_id`", "quotes, newline and emoji read back")
def test_create_and_get(sf: Any) -> None:
    made = sf.Account.create({"Name": AWKWARD, KEY: "ss:one:1"})
    assert made["success"] is True and made["errors"] == []
    assert sf.Account.get(made["id"])["Name"] == AWKWARD
    assert sf.Account.get_by_custom_id(KEY, "ss:one:1")["Id"] == made["id"]


@covers("`sf.X.update`", "204, read back")
def test_update(sf: Any) -> None:
    made = sf.Account.create({"Name": "Before", KEY: "ss:update:1"})
    assert sf.Account.update(made["id"], {"Name": "After"}) == 204
    assert sf.Account.get(made["id"])["Name"] == "After"


@covers("`sf.X.upsert`", "201 for the new, 200 for the known, one record")
def test_upsert(sf: Any) -> None:
    assert sf.Account.upsert(f"{KEY}/ss:upsert:1", {"Name": "First"}) == 201
    assert sf.Account.upsert(f"{KEY}/ss:upsert:1", {"Name": "Again"}) == 200
    assert names(sf, "upsert") == ["Again"]


@covers("`sf.X.delete`", "204, gone from query, there with `include_deleted`")
def test_delete(sf: Any) -> None:
    made = sf.Account.create({"Name": "Gone", KEY: "ss:delete:1"})
    assert sf.Account.delete(made["id"]) == 204
    soql = f"SELECT Id, IsDeleted FROM Account WHERE Id = '{made['id']}'"
    assert sf.query(soql)["totalSize"] == 0
    assert sf.query(soql, include_deleted=True)["records"][0]["IsDeleted"] is True


@covers("`sf.restful` (Collections)", "200 created in order; one bad row reported, the rest kept")
def test_collections(sf: Any) -> None:
    sent = [{"attributes": {"type": "Account"}, **each} for each in accounts("many", 200)]
    del sent[7]["Name"]
    results = sf.restful("composite/sobjects", method="POST", json={"records": sent})
    assert [each["success"] for each in results].count(False) == 1
    assert results[7]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    kept = {each["id"] for each in results if each["success"]}
    found = sf.query_all(f"SELECT Id FROM Account WHERE {KEY} LIKE 'ss:many:%'")
    assert {each["Id"] for each in found["records"]} == kept and len(kept) == 199


@covers("`sf.query`, `format_soql` values", "an apostrophe in a value; parent fields")
def test_query(sf: Any) -> None:
    sf.Account.create({"Name": "O'Hara's", KEY: "ss:query:1"})
    soql = format_soql("SELECT Name, Owner.Name FROM Account WHERE Name = {}", "O'Hara's")
    found = sf.query(soql)["records"]
    assert [(each["Name"], each["Owner"]["Name"]) for each in found] == [
        ("O'Hara's", "Integration User")
    ]


@pytest.fixture(scope="module")
def paged(sf: Any) -> str:
    """4,100 accounts; gives the query that finds them."""
    sf.bulk2.Account.insert(records=accounts("page", 4_100), wait=POLL)
    return f"SELECT Id FROM Account WHERE {KEY} LIKE 'ss:page:%'"


@covers("`sf.query_all`, `query_all_iter`", "4,100 rows, each once")
def test_query_all(sf: Any, paged: str) -> None:
    found = sf.query_all(paged)
    assert found["totalSize"] == 4_100 and found["done"] is True
    assert len({each["Id"] for each in found["records"]}) == 4_100
    assert len({each["Id"] for each in sf.query_all_iter(paged)}) == 4_100


@covers("`sf.query_more`", "by URL and by locator, pages of 2,000")
def test_query_more(sf: Any, paged: str) -> None:
    page = sf.query(paged)
    assert (len(page["records"]), page["done"]) == (2_000, False)
    by_url = sf.query_more(page["nextRecordsUrl"], identifier_is_url=True)
    by_name = sf.query_more(page["nextRecordsUrl"].rsplit("/", 1)[1])
    assert by_url["records"] == by_name["records"] and len(by_url["records"]) == 2_000
    last = sf.query_more(by_url["nextRecordsUrl"], identifier_is_url=True)
    assert (len(last["records"]), last["done"]) == (100, True)


@covers("`sf.describe`, `sf.X.describe`, `sf.X.metadata`", "objects, and a deployed external id")
def test_describe(sf: Any) -> None:
    assert "Insurance_Detail__c" in {each["name"] for each in sf.describe()["sobjects"]}
    fields = {each["name"]: each for each in sf.Account.describe()["fields"]}
    assert fields[KEY]["externalId"] is True and fields[KEY]["unique"] is True
    assert sf.Account.metadata()["objectDescribe"]["keyPrefix"] == "001"


@covers("`sf.limits`, `sf.api_usage`", "one more call used between two of them")
def test_limits(sf: Any) -> None:
    before, after = (sf.limits()["DailyApiRequests"]["Remaining"] for _ in range(2))
    assert after == before - 1
    usage = sf.api_usage["api-usage"]
    assert int(usage.total) - int(usage.used) == after


@covers("`sf.is_sandbox`", "asks Organization")
def test_is_sandbox(sf: Any) -> None:
    assert sf.is_sandbox() is True


@covers("`create` of a bad record", "SalesforceMalformedRequest: REQUIRED_FIELD_MISSING", REFUSED)
def test_bad_record(sf: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        sf.Contact.create({"FirstName": "Nobody"})
    assert caught.value.status == 400
    assert _refusal(caught)["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert _refusal(caught)["fields"] == ["LastName"]


@covers("`get` of an id of no record", "SalesforceResourceNotFound: NOT_FOUND", REFUSED)
def test_no_record(sf: Any) -> None:
    with pytest.raises(SalesforceResourceNotFound) as caught:
        sf.Account.get("001000000000000AAA")
    assert _refusal(caught)["errorCode"] == "NOT_FOUND"


@covers("`query` of a bad query", "SalesforceMalformedRequest: INVALID_FIELD", REFUSED)
def test_bad_query(sf: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        sf.query("SELECT Nope FROM Account")
    assert _refusal(caught)["errorCode"] == "INVALID_FIELD"


@covers("any call with a wrong token", "SalesforceExpiredSession: INVALID_SESSION_ID", REFUSED)
def test_wrong_token(org: Org) -> None:
    stranger = connect(org, "00D000000000000!nobody")
    with pytest.raises(SalesforceExpiredSession) as caught:
        stranger.query("SELECT Id FROM Account")
    stranger.session.close()
    assert _refusal(caught)["errorCode"] == "INVALID_SESSION_ID"


@covers("`bulk2.X.insert`", "quotes, newline and emoji read back; jobs of 2 rows each")
def test_bulk_insert(sf: Any) -> None:
    sent = [*accounts("insert", 4), {"Name": AWKWARD, KEY: "ss:insert:4"}]
    jobs = sf.bulk2.Account.insert(records=sent, batch_size=2, wait=POLL)
    assert [each["numberRecordsProcessed"] for each in jobs] == [2, 2, 1]
    assert [each["numberRecordsFailed"] for each in jobs] == [0, 0, 0]
    assert names(sf, "insert") == sorted(each["Name"] for each in sent)


@covers(
    "`bulk2.X.upsert`, `get_successful_records`, `get_failed_records`, `get_unprocessed_records`",
    "new, known and bad rows, each in its own result with its own columns",
)
def test_bulk_upsert(sf: Any) -> None:
    sf.Account.create({"Name": "Known", KEY: "ss:bulk:1"})
    sent = [
        {"Name": AWKWARD, KEY: "ss:bulk:1"},
        {"Name": "New", KEY: "ss:bulk:2"},
        {"Name": "", KEY: "ss:bulk:3"},
    ]
    bulk = sf.bulk2.Account
    job = bulk.upsert(records=sent, external_id_field=KEY, wait=POLL)[0]
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 1)
    good = rows(bulk.get_successful_records(job["job_id"]))
    assert {(each[KEY], each["sf__Created"], each["Name"]) for each in good} == {
        ("ss:bulk:1", "false", AWKWARD),
        ("ss:bulk:2", "true", "New"),
    }
    [bad] = rows(bulk.get_failed_records(job["job_id"]))
    assert bad[KEY] == "ss:bulk:3" and bad["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
    assert rows(bulk.get_unprocessed_records(job["job_id"])) == []
    assert names(sf, "bulk") == ["New", AWKWARD]


@covers("`bulk2.X.update`, `bulk2.X.delete`", "read back by query")
def test_bulk_update_and_delete(sf: Any) -> None:
    sf.bulk2.Account.insert(records=accounts("change", 3), wait=POLL)
    soql = f"SELECT Id, Phone FROM Account WHERE {KEY} LIKE 'ss:change:%'"
    ids = [each["Id"] for each in sf.query(soql)["records"]]
    changed = [{"Id": each, "Phone": "555-0100"} for each in ids]
    assert sf.bulk2.Account.update(records=changed, wait=POLL)[0]["numberRecordsFailed"] == 0
    assert {each["Phone"] for each in sf.query(soql)["records"]} == {"555-0100"}
    gone = sf.bulk2.Account.delete(records=[{"Id": each} for each in ids], wait=POLL)[0]
    assert (gone["numberRecordsProcessed"], gone["numberRecordsFailed"]) == (3, 0)
    assert sf.query(soql)["totalSize"] == 0


@covers("`bulk2.X.query`, `query_all`", "pages of 2,000 by locator, each row once")
def test_bulk_query(sf: Any, paged: str) -> None:
    pages = [rows(page) for page in sf.bulk2.Account.query(paged, max_records=2_000, wait=POLL)]
    assert [len(page) for page in pages] == [2_000, 2_000, 100]
    assert len({each["Id"] for page in pages for each in page}) == 4_100
    made = sf.Account.create({"Name": "Gone", KEY: "ss:gone:1"})
    sf.Account.delete(made["id"])
    soql = f"SELECT Id FROM Account WHERE {KEY} = 'ss:gone:1'"
    assert [rows(page) for page in sf.bulk2.Account.query(soql, wait=POLL)] == [[]]
    [page] = sf.bulk2.Account.query_all(soql, wait=POLL)
    assert rows(page) == [{"Id": made["id"]}]


@covers("`bulk2.X.download`", "a file with quotes, newline and emoji")
def test_bulk_download(sf: Any, tmp_path: Path) -> None:
    sf.Account.create({"Name": AWKWARD, KEY: "ss:file:1"})
    soql = f"SELECT Name FROM Account WHERE {KEY} = 'ss:file:1'"
    [made] = sf.bulk2.Account.download(soql, path=str(tmp_path), wait=POLL)
    assert made["number_of_records"] == 1
    with Path(made["file"]).open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == [{"Name": AWKWARD}]


@covers("`bulk2` with an unknown column", "InvalidBatch, nothing written", REFUSED)
def test_bulk_bad_column(sf: Any) -> None:
    with pytest.raises(SalesforceOperationError, match="InvalidBatch : Field name not found : No"):
        sf.bulk2.Account.insert(records=[{"Name": "ss:never:1", "Nope__c": "x"}], wait=POLL)
    assert sf.query("SELECT Id FROM Account WHERE Name = 'ss:never:1'")["totalSize"] == 0
