"""Composite requests: references, rollback, batches, trees, records by their Ids."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.python.local_org.client import Client
from tests.python.local_org.wording import assumed, sourced

BASE = "/services/data/v67.0"
ROLLED_BACK = sourced(
    "The transaction was rolled back since another operation in the same transaction failed.",
    "REST API Guide, Composite; a client's fake server (writeLinked test)",
)


def sub(method: str, path: str, reference: str, body: Any = None, **more: Any) -> dict[str, Any]:
    made = {"method": method, "url": BASE + path, "referenceId": reference, **more}
    return made if body is None else {**made, "body": body}


def composite(org: Client, *requests: dict[str, Any], strict: bool = False) -> list[dict[str, Any]]:
    body = {"allOrNone": strict, "compositeRequest": list(requests)}
    answer = org.call("POST", "/composite", json=body)
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return listed


def refused(org: Client, *requests: dict[str, Any]) -> dict[str, Any]:
    answer = org.call("POST", "/composite", json={"compositeRequest": list(requests)})
    assert answer.status_code == 400, answer.text
    error: dict[str, Any] = answer.json()[0]
    return error


def test_later_requests_refer_to_earlier_answers(org: Client) -> None:
    soql = "SELECT+Id,Name+FROM+Account+WHERE+Id='@{a.id}'"
    made, found, contact, read, gone = composite(
        org,
        sub("POST", "/sobjects/Account", "a", {"Name": "Comp & Co"}),
        sub("GET", f"/query?q={soql}", "q"),
        sub(
            "POST",
            "/sobjects/Contact",
            "c",
            {"LastName": "Of @{q.records[0].Name}", "AccountId": "@{q.records[0].Id}"},
        ),
        sub("GET", "/sobjects/Contact/@{c.id}?fields=LastName,AccountId", "r"),
        sub("DELETE", "/sobjects/Contact/@{c.id}", "d"),
    )
    account = made["body"]["id"]
    assert made["httpStatusCode"] == 201 and made["referenceId"] == "a"
    assert made["httpHeaders"] == {"Location": f"{BASE}/sobjects/Account/{account}"}
    assert found["body"]["totalSize"] == 1
    assert contact["body"]["success"] is True
    assert (read["body"]["LastName"], read["body"]["AccountId"]) == ("Of Comp & Co", account)
    assert (gone["httpStatusCode"], gone["body"], gone["httpHeaders"]) == (204, None, {})


def test_what_depends_on_a_refused_request_is_halted(org: Client) -> None:
    wrong, halted, made = composite(
        org,
        sub("POST", "/sobjects/Account", "a", {"Phone": "1"}),
        sub("POST", "/sobjects/Contact", "c", {"LastName": "L", "AccountId": "@{a.id}"}),
        sub("POST", "/sobjects/Account", "b", {"Name": "Comp stays"}),
    )
    assert (wrong["httpStatusCode"], wrong["body"][0]["errorCode"]) == (
        400,
        "REQUIRED_FIELD_MISSING",
    )
    text = sourced(
        "Invalid reference specified. No value for a.id found in a",
        "pastebin.com/WFttLHq3, an answer of v39.0",
    )
    assert halted["body"] == [{"errorCode": "PROCESSING_HALTED", "message": text}]
    assert halted["httpStatusCode"] == 400
    assert made["httpStatusCode"] == 201
    assert len(org.query("SELECT Id FROM Account WHERE Name = 'Comp stays'")) == 1


def test_all_or_none_takes_everything_back(org: Client) -> None:
    kept = org.create("Account", Name="Comp before")
    answers = composite(
        org,
        sub("POST", "/sobjects/Account", "a", {"Name": "Comp gone"}),
        sub("PATCH", f"/sobjects/Account/{kept}", "b", {"Name": "Comp after"}),
        sub("GET", "/sobjects/Account/@{a.id}", "seen"),
        sub("POST", "/sobjects/Contact", "c", {"FirstName": "No last name"}),
        sub("POST", "/sobjects/Account", "d", {"Name": "Comp gone"}),
        strict=True,
    )
    halted = [{"errorCode": "PROCESSING_HALTED", "message": ROLLED_BACK}]
    assert [each["httpStatusCode"] for each in answers] == [400] * 5
    assert [each["body"] for place, each in enumerate(answers) if place != 3] == [halted] * 4
    assert answers[3]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert org.query("SELECT Id FROM Account WHERE Name = 'Comp gone'", everything=True) == []
    assert org.query(f"SELECT Name FROM Account WHERE Id = '{kept}'") == [{"Name": "Comp before"}]


def test_all_or_none_commits_what_succeeds(org: Client) -> None:
    soql = "SELECT+Id+FROM+Account+WHERE+Name='Comp+both'"
    answers = composite(
        org,
        sub("POST", "/sobjects/Account", "a", {"Name": "Comp both"}),
        sub("GET", f"/query?q={soql}", "q"),
        strict=True,
    )
    assert answers[1]["body"]["records"][0]["Id"] == answers[0]["body"]["id"]
    assert len(org.query("SELECT Id FROM Account WHERE Name = 'Comp both'")) == 1


def test_all_or_none_goes_before_that_of_a_collection(org: Client) -> None:
    records = [
        {"attributes": {"type": "Account"}, "Name": "Comp list"},
        {"attributes": {"type": "Account"}, "Phone": "1"},
    ]
    body = {"allOrNone": False, "records": records}
    mixed = composite(org, sub("POST", "/composite/sobjects", "l", body))
    assert [each["success"] for each in mixed[0]["body"]] == [True, False]
    none = composite(
        org,
        sub("POST", "/sobjects/Account", "a", {"Name": "Comp list"}),
        sub("POST", "/composite/sobjects", "l", body),
        strict=True,
    )
    assert none[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert [each["success"] for each in none[1]["body"]] == [False, False]
    assert len(org.query("SELECT Id FROM Account WHERE Name = 'Comp list'")) == 1


def test_references_into_a_collection(org: Client) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": f"Comp {n}"} for n in range(2)]
    made, contact = composite(
        org,
        sub("POST", "/composite/sobjects", "l", {"records": records}),
        sub("POST", "/sobjects/Contact", "c", {"LastName": "L", "AccountId": "@{l[1].id}"}),
    )
    found = org.query(f"SELECT AccountId FROM Contact WHERE Id = '{contact['body']['id']}'")
    assert found == [{"AccountId": made["body"][1]["id"]}]


def test_many_at_once_do_not_wait_for_each_other_for_ever(org: Client) -> None:
    def one(number: int) -> str:
        made = composite(
            org,
            sub("POST", "/sobjects/Account", "a", {"Name": f"Comp many {number}"}),
            sub("POST", "/sobjects/Contact", "c", {"LastName": "M", "AccountId": "@{a.id}"}),
            strict=True,
        )
        return str(made[1]["body"]["id"])

    with ThreadPoolExecutor(60) as pool:
        assert len(set(pool.map(one, range(60)))) == 60
    assert len(org.query("SELECT Id FROM Account WHERE Name LIKE 'Comp many%'")) == 60


def test_it_counts_as_one_call(org: Client) -> None:
    def used() -> int:
        answer = org.call("GET", "/limits")
        return int(answer.headers["Sforce-Limit-Info"].partition("=")[2].partition("/")[0])

    before = used()
    composite(org, *(sub("GET", "/limits", f"l{n}") for n in range(10)))
    assert used() == before + 2


def test_what_a_composite_does_not_take(org: Client) -> None:
    limits = [sub("GET", "/limits", f"l{n}") for n in range(26)]
    queries = [sub("GET", "/query?q=SELECT+Id+FROM+Account", f"q{n}") for n in range(6)]
    assert refused(org, *limits)["errorCode"] == "LIMIT_EXCEEDED"
    assert refused(org, *queries)["message"] == assumed(
        "Cannot exceed 5 query or sObject Collections subrequests"
    )
    text = sourced(
        "Provided referenceId ('a.b') must start with a letter or a number, and it can contain "
        "only letters, numbers and underscores ('_').",
        "REST API Guide, a composite example (public copy)",
    )
    assert refused(org, sub("GET", "/limits", "a.b"))["message"] == text
    assert "Duplicate referenceId" in refused(org, limits[0], limits[0])["message"]
    assert refused(org, {"method": "GO", "url": "/x", "referenceId": "a"})["errorCode"]
    inner = composite(org, sub("POST", "/composite", "a", {}), sub("GET", "/jobs/ingest", "b"))
    assert [each["httpStatusCode"] for each in inner] == [400, 400]
    sealed = sub("GET", "/limits", "a", httpHeaders={"Authorization": "x"})
    assert refused(org, sealed)["errorCode"] == assumed("INVALID_HTTP_HEADER")


def test_a_batch(org: Client) -> None:
    requests = [
        {"method": "POST", "url": "v67.0/sobjects/Account", "richInput": {"Name": "Batch"}},
        {"method": "GET", "url": "v67.0/sobjects/Nope"},
        {"method": "GET", "url": "v67.0/limits"},
    ]
    answer = org.call("POST", "/composite/batch", json={"batchRequests": requests}).json()
    assert answer["hasErrors"] is True
    assert [each["statusCode"] for each in answer["results"]] == [201, 404, 200]
    assert answer["results"][0]["result"]["success"] is True
    body = {"batchRequests": requests, "haltOnError": True}
    halted = org.call("POST", "/composite/batch", json=body).json()["results"]
    assert [each["statusCode"] for each in halted] == [201, 404, 412]
    assert halted[2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"


def person(reference: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Contact", "referenceId": reference}, **values}


def family(*contacts: dict[str, Any], name: str) -> dict[str, Any]:
    attributes = {"type": "Account", "referenceId": "fam"}
    return {
        "records": [{"attributes": attributes, "Name": name, "Contacts": {"records": contacts}}]
    }


def test_a_tree_is_made_whole_or_not_at_all(org: Client) -> None:
    good = family(person("one", LastName="A"), person("two", LastName="B"), name="Tree")
    answer = org.call("POST", "/composite/tree/Account", json=good)
    assert (answer.status_code, answer.json()["hasErrors"]) == (201, False)
    assert [each["referenceId"] for each in answer.json()["results"]] == ["fam", "one", "two"]
    found = org.query("SELECT Id, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Tree'")
    assert [each["LastName"] for each in found[0]["Contacts"]["records"]] == ["A", "B"]
    bad = family(person("one", LastName="A"), person("two", Email="x"), name="Tree 2")
    answer = org.call("POST", "/composite/tree/Account", json=bad)
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    assert [each["referenceId"] for each in answer.json()["results"]] == ["two"]
    assert answer.json()["results"][0]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.query("SELECT Id FROM Account WHERE Name = 'Tree 2'") == []


def test_references_of_a_tree(org: Client) -> None:
    twice = family(person("fam", LastName="A"), name="Tree 3")
    answer = org.call("POST", "/composite/tree/Account", json=twice)
    text = sourced("Duplicate ReferenceId provided in the request.", "clients' logs of tree saves")
    error = {"statusCode": "INVALID_INPUT", "message": text, "fields": []}
    assert answer.json()["results"] == [{"referenceId": "fam", "errors": [error]}]
    many = {"records": [person(f"r{n}", LastName="A") for n in range(201)]}
    answer = org.call("POST", "/composite/tree/Contact", json=many)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")


def test_records_by_their_ids(org: Client) -> None:
    first = org.create("Account", Name="By id 1")
    second = org.create("Account", Name="By id 2")
    gone = org.create("Account", Name="By id 3")
    org.call("DELETE", f"/sobjects/Account/{gone}")
    ids = [second, gone, "001000000000000AAA", first[:15]]
    query = {"ids": ",".join(ids), "fields": "Name,Owner.Email"}
    by_get = org.call("GET", "/composite/sobjects/Account", params=query).json()
    body = {"ids": ids, "fields": ["Name", "Owner.Email"]}
    by_post = org.call("POST", "/composite/sobjects/Account", json=body).json()
    assert by_get == by_post
    assert [each and each["Name"] for each in by_get] == ["By id 2", None, None, "By id 1"]
    assert by_get[0]["Owner"]["Email"] == "integration@example.com"
    body = {"ids": ids, "fields": ["Nope"]}
    answer = org.call("POST", "/composite/sobjects/Account", json=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
