"""Duplicate rules: what matches, what is refused, what a header lets through."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.python.local_org.client import Client
from tests.python.local_org.orgs import clinic_org
from tests.python.local_org.wording import sourced

ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false"}
SAID = sourced("Use one of these records?", "REST answers of several public clients' tests")


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with clinic_org(tmp_path_factory.mktemp("twins"), duplicate_rules="block") as client:
        yield client


def post(org: Client, name: str, /, **values: Any) -> requests.Response:
    return org.call("POST", f"/sobjects/{name}", json=values)


def post_allowed(org: Client, name: str, /, **values: Any) -> requests.Response:
    return org.call("POST", f"/sobjects/{name}", json=values, headers=ALLOW)


def refused(answer: requests.Response) -> bool:
    return answer.status_code == 400 and answer.json()[0]["errorCode"] == "DUPLICATES_DETECTED"


ANN = {
    "FirstName": "Ann",
    "LastName": "O'Neil",
    "Email": "ann@example.com",
    "Phone": "(555) 555-0100",
    "MailingStreet": "1 Main St.",
    "MailingCity": "Provo",
}


@pytest.mark.parametrize(
    ("given", "twin"),
    [
        ({"FirstName": "ANN", "LastName": "oneil", "Email": "Ann@Example.com"}, True),
        ({"FirstName": "Ann", "LastName": "O'Neil", "Phone": "+1 555-555-0100"}, True),
        (
            {
                "FirstName": "Ann",
                "LastName": "O'Neil",
                "MailingStreet": "1 main st",
                "MailingCity": "PROVO",
            },
            True,
        ),
        ({"FirstName": "Bob", "LastName": "O'Neil", "Email": "ann@example.com"}, False),
        ({"FirstName": "Ann", "LastName": "O'Neil"}, False),
        ({"FirstName": "Ann", "LastName": "O'Neil", "Phone": "5555550101"}, False),
        ({"LastName": "O'Neil", "Phone": "5555550100"}, False),
        ({"FirstName": "Ann", "LastName": "O'Neil", "MailingStreet": "1 Main St."}, False),
    ],
)
def test_what_makes_two_contacts_one(org: Client, given: dict[str, str], twin: bool) -> None:
    first = org.create("Contact", **ANN)
    answer = post(org, "Contact", **given)
    assert refused(answer) is twin, answer.text
    if not twin:
        org.call("DELETE", f"/sobjects/Contact/{answer.json()['id']}")
    org.call("DELETE", f"/sobjects/Contact/{first}")


def test_accounts_and_leads(org: Client) -> None:
    org.create("Account", Name="Acme Inc.", Website="https://www.acme.example/", Phone="5550102")
    assert refused(post(org, "Account", Name="ACME Inc", Website="acme.example"))
    assert refused(post(org, "Account", Name="Acme Inc.", Phone="555-0102"))
    assert post(org, "Account", Name="Acme Inc.").status_code == 201
    lead = {"FirstName": "A", "LastName": "B", "Company": "C", "Title": "Dr."}
    org.create("Lead", **lead)
    assert refused(post(org, "Lead", **lead))
    assert post(org, "Lead", **{**lead, "Company": "D"}).status_code == 201


def test_the_answer_names_the_records(org: Client) -> None:
    known = org.create("Contact", LastName="Known", Email="known@example.com")
    answer = post(org, "Contact", LastName="Known", Email="known@example.com")
    result = {
        "allowSave": False,
        "duplicateRule": "Standard_Contact_Duplicate_Rule",
        "duplicateRuleEntityType": "Contact",
        "errorMessage": SAID,
        "matchResults": [
            {
                "entityType": "Contact",
                "errors": [],
                "matchEngine": "FuzzyMatchEngine",
                "matchRecords": [
                    {
                        "additionalInformation": [],
                        "fieldDiffs": [],
                        "matchConfidence": 100.0,
                        "record": {
                            "attributes": {
                                "type": "Contact",
                                "url": f"/services/data/v67.0/sobjects/Contact/{known}",
                            },
                            "Id": known,
                        },
                    }
                ],
                "rule": "Standard_Contact_Match_Rule_v1_1",
                "size": 1,
                "success": True,
            }
        ],
    }
    # The key is misspelt in answers to single records (tests of several public clients).
    error = {"duplicateResut": result, "errorCode": "DUPLICATES_DETECTED", "message": SAID}
    assert answer.json() == [error]
    record = {"attributes": {"type": "Contact"}, "LastName": "Known", "Email": "known@example.com"}
    several = org.call("POST", "/composite/sobjects", json={"records": [record]}).json()
    assert several == [
        {
            "success": False,
            "errors": [
                {
                    "statusCode": "DUPLICATES_DETECTED",
                    "message": SAID,
                    "fields": [],
                    "duplicateResult": result,
                }
            ],
        }
    ]


def test_the_header_saves_where_the_rule_only_alerts(org: Client) -> None:
    person = {"LastName": "Header", "Email": "header@example.com"}
    org.create("Contact", **person)
    assert refused(post_allowed(org, "Contact", **person))
    org.switch(duplicate_rules="allow")
    plain = post(org, "Contact", **person)
    assert refused(plain) and plain.json()[0]["duplicateResut"]["allowSave"] is True
    assert post_allowed(org, "Contact", **person).status_code == 201
    job = org.bulk("Contact", "insert", "LastName,Email\nHeader,header@example.com\n")
    assert job.error() == sourced(
        "DUPLICATES_DETECTED:Use one of these records?:--", "Census, Salesforce sync errors"
    )
    org.switch(duplicate_rules="off")
    assert post(org, "Contact", **person).status_code == 201
    org.switch(duplicate_rules="block")


def test_records_of_one_save_are_not_compared_with_each_other(org: Client) -> None:
    # Salesforce Help: records saved together are compared only with those already there.
    pair = "Same,same@example.com\n" * 2
    fillers = "".join(f"F{n},f{n}@example.com\n" for n in range(198))
    job = org.bulk("Contact", "insert", f"LastName,Email\n{pair}{fillers}{pair}")
    assert job.counts == ("JobComplete", 202, 2)
    assert {row["LastName"] for row in job.failed} == {"Same"}
    assert len(org.query("SELECT Id FROM Contact WHERE LastName = 'Same'")) == 2


def test_updates_are_held_only_where_they_change_what_is_compared(org: Client) -> None:
    org.switch(duplicate_rules="off")
    person = {"LastName": "Edit", "Email": "edit@example.com"}
    first, other = org.create("Contact", **person), org.create("Contact", **person)
    third = org.create("Contact", LastName="Edit", Email="third@example.com")
    org.switch(duplicate_rules="block")
    same = org.call("PATCH", f"/sobjects/Contact/{other}", json={**person, "Department": "x"})
    assert same.status_code == 204
    into = org.call("PATCH", f"/sobjects/Contact/{third}", json={"Email": "edit@example.com"})
    assert refused(into)
    away = org.call("PATCH", f"/sobjects/Contact/{first}", json={"Email": "away@example.com"})
    assert away.status_code == 204


def test_deleted_records_are_no_duplicates(org: Client) -> None:
    person = {"LastName": "Deleted", "Email": "deleted@example.com"}
    record = org.create("Contact", **person)
    org.call("DELETE", f"/sobjects/Contact/{record}")
    org.create("Contact", **person)


def test_the_rules_are_shown(org: Client) -> None:
    soql = "SELECT DeveloperName, IsActive FROM DuplicateRule ORDER BY SobjectType"
    names = [f"Standard_{name}_Duplicate_Rule" for name in ("Account", "Contact", "Lead")]
    assert org.query(soql) == [{"DeveloperName": name, "IsActive": True} for name in names]
    org.switch(duplicate_rules="off")
    assert not any(row["IsActive"] for row in org.query(soql))
    org.switch(duplicate_rules="block")
    assert post(org, "DuplicateRule", DeveloperName="x").status_code == 400


def test_a_large_job_is_looked_through_whole(org: Client) -> None:
    rows = "Large,large@example.com\n" * 125_000
    job = org.bulk("Contact", "insert", f"LastName,Email\n{rows}")
    assert job.counts == ("JobComplete", 125_000, 124_800)
