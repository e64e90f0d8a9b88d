"""Validation rules: conditions on the record as it would be saved."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.orgs import clinic_org
from tests.python.local_org.wording import assumed, sourced

RULES = [
    {
        "object": "Contact",
        "name": "Email_Or_Phone",
        "when": "Email = null AND Phone = null AND LastName LIKE 'Rule%'",
        "message": "Give an e-mail or a phone.",
        "field": "Email",
    },
    {
        "object": "contact",
        "name": "No_Blocked",
        "when": "FirstName = 'blocked' AND (NOT Department IN ('Open', 'Free'))",
        "message": "No: not 'blocked', please.",
    },
    {
        "object": "Contact",
        "name": "Full_Name",
        "when": "Name = 'Ann Taken'",
        "message": "Taken.",
    },
    {
        "object": "Event",
        "name": "Short",
        "when": "DurationInMinutes > 60 AND IsAllDayEvent = false",
        "message": "Too long.",
        "field": "EndDateTime",
    },
    {
        "object": "Insurance_Detail__c",
        "name": "Own",
        "when": "Priority__c = 'Third'",
        "message": "Two only.",
        "field": "Priority__c",
    },
]
Refusal = tuple[str, str, list[str]]
EMAIL: Refusal = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Give an e-mail or a phone.", ["Email"])
BLOCKED: Refusal = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No: not 'blocked', please.", [])


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with clinic_org(tmp_path_factory.mktemp("rules"), validation_rules=RULES) as client:
        yield client


def test_a_new_record_is_held_against_the_rules(org: Client) -> None:
    assert org.refused("Contact", LastName="Rule") == EMAIL
    assert org.refused("Contact", LastName="A", FirstName="Blocked") == BLOCKED
    assert org.refused("Contact", LastName="Taken", FirstName="Ann")[1] == "Taken."
    org.create("Contact", LastName="Rule", Phone="1")
    org.create("Contact", LastName="Other")
    org.create("Contact", LastName="A", FirstName="blocked", Department="free")
    assert org.refused("Insurance_Detail__c", Migration_Key__c="v:1", Priority__c="Third")[1] == (
        "Two only."
    )


def test_an_update_is_held_against_old_and_new_together(org: Client) -> None:
    record = org.create("Contact", LastName="Rule", Phone="1", Department="x")
    path = f"/sobjects/Contact/{record}"
    cleared = org.call("PATCH", path, json={"Phone": None}).json()[0]
    assert (cleared["errorCode"], cleared["message"], cleared["fields"]) == EMAIL
    assert org.call("PATCH", path, json={"Phone": None, "Email": "a@b.co"}).status_code == 204
    assert org.call("PATCH", path, json={"FirstName": "blocked"}).json()[0]["fields"] == []
    assert org.call("PATCH", path, json={"Department": "Open"}).status_code == 204
    assert org.call("PATCH", path, json={"FirstName": "blocked"}).status_code == 204


def test_what_salesforce_works_out_counts(org: Client) -> None:
    start = "2024-03-04T15:00:00Z"
    long = org.refused("Event", StartDateTime=start, EndDateTime="2024-03-04T17:00:00Z")
    assert long == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Too long.", ["EndDateTime"])
    org.create("Event", StartDateTime=start, DurationInMinutes=60)
    org.create("Event", ActivityDate="2024-03-04", IsAllDayEvent=True)


def test_rest_tells_all_errors_bulk_the_first(org: Client) -> None:
    both = {"LastName": "Rule", "FirstName": "blocked"}
    answer = org.call("POST", "/sobjects/Contact", json=both)
    # An array of errors where several rules are met: jsforce issue 861.
    found = [(each["errorCode"], each["message"], each["fields"]) for each in answer.json()]
    assert found == [EMAIL, BLOCKED]
    record = {"attributes": {"type": "Contact"}, **both}
    several = org.call("POST", "/composite/sobjects", json={"records": [record]}).json()
    assert [each["fields"] for each in several[0]["errors"]] == [["Email"], []]
    job = org.bulk(
        "Contact", "insert", "LastName,FirstName\nRule,blocked\nA,blocked\nRule,\nFine,\n"
    )
    assert job.counts == ("JobComplete", 4, 3)
    errors = {(row["LastName"], row["FirstName"]): row["sf__Error"] for row in job.failed}
    shown = sourced(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION:Give an e-mail or a phone.:Email --",
        "the form of every row error in the Bulk API guide",
    )
    assert errors == {
        ("Rule", "blocked"): shown,
        ("Rule", ""): shown,
        ("A", "blocked"): assumed(
            "FIELD_CUSTOM_VALIDATION_EXCEPTION:No: not 'blocked', please.:--"
        ),
    }


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"when": "Nope__c = null"}, "No such column 'Nope__c' on entity 'Contact'"),
        ({"when": "LastName = 5"}, "must be of type string"),
        ({"when": "LastName ="}, "unexpected token: '<EOF>'"),
        ({"when": "Account.Name = 'x'"}, "fields of its own record only"),
        ({"when": "AccountId IN (SELECT Id FROM Account)"}, "fields of its own record only"),
        ({"when": "LastName = 'x' LIMIT 1"}, "a condition and nothing more"),
        ({"object": "Nope"}, "there is no object Nope"),
        ({"field": "Nope"}, "there is no field Nope"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    org: Client, rule: dict[str, Any], says: str
) -> None:
    made = {"object": "Contact", "name": "Bad", "when": "LastName = 'x'", "message": "m", **rule}
    before = org.get("/local-org/switches")
    answer = org.call("PATCH", "/local-org/switches", json={"validation_rules": [made]})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_SWITCH")
    assert says in answer.json()[0]["message"]
    assert org.get("/local-org/switches") == before
    assert org.refused("Contact", LastName="Rule") == EMAIL
