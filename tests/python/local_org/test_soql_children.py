"""What hangs together: children within their parents, parents of several kinds, semi-joins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.wording import assumed, sourced

MANY = 450


@pytest.fixture(scope="module")
def ids(org: Client) -> dict[str, str]:
    made = {"fam": org.create("Account", Name="Kids Family")}
    made["lone"] = org.create("Account", Name="Kids Lone", ParentId=made["fam"])
    made["ann"] = org.create(
        "Contact", LastName="Kid", FirstName="Ann", Title="Dr", AccountId=made["fam"]
    )
    made["bob"] = org.create(
        "Contact",
        LastName="Kid",
        FirstName="Bob",
        AccountId=made["fam"],
        Guarantor__c=made["ann"],
    )
    made["lead"] = org.create("Lead", LastName="Kid", Company="Kids Inc")
    made["call"] = org.create("Task", Subject="Kids call", WhatId=made["fam"], WhoId=made["ann"])
    made["lead_call"] = org.create("Task", Subject="Kids lead", WhoId=made["lead"])
    made["loose"] = org.create("Task", Subject="Kids loose")
    return made


def test_children_are_results_within_their_parents(org: Client, ids: dict[str, str]) -> None:
    soql = (
        "SELECT Name, (SELECT FirstName, Guarantor__r.FirstName FROM Contacts "
        "WHERE LastName = 'Kid' ORDER BY FirstName DESC LIMIT 1), "
        "(SELECT Name FROM ChildAccounts), (SELECT Subject FROM Tasks) FROM Account "
        "WHERE Name LIKE 'Kids %' ORDER BY Name"
    )
    family, lone = org.get("/query", params={"q": soql})["records"]
    contacts = family["Contacts"]
    assert (contacts["totalSize"], contacts["done"], "nextRecordsUrl" in contacts) == (
        1,
        True,
        False,
    )
    assert contacts["records"][0]["FirstName"] == "Bob"
    assert contacts["records"][0]["Guarantor__r"]["FirstName"] == "Ann"
    assert contacts["records"][0]["attributes"] == {
        "type": "Contact",
        "url": f"/services/data/v67.0/sobjects/Contact/{ids['bob']}",
    }
    assert family["ChildAccounts"]["records"][0]["Name"] == "Kids Lone"
    assert family["Tasks"]["records"][0]["Subject"] == "Kids call"
    assert (lone["Contacts"], lone["ChildAccounts"], lone["Tasks"]) == (None, None, None)


def test_children_of_children_by_a_custom_name(org: Client, ids: dict[str, str]) -> None:
    soql = (
        "SELECT (SELECT FirstName, (SELECT FirstName FROM Guaranteed__r) FROM Contacts) "
        f"FROM Account WHERE Id = '{ids['fam']}'"
    )
    contacts = org.query(soql)[0]["Contacts"]["records"]
    by_name = {each["FirstName"]: each["Guaranteed__r"] for each in contacts}
    assert by_name["Bob"] is None
    assert by_name["Ann"]["records"][0]["FirstName"] == "Bob"


def test_standard_names_of_children(org: Client, ids: dict[str, str]) -> None:
    soql = "SELECT (SELECT Assignee.Name FROM Assignments) FROM PermissionSet WHERE Name = 'Loader'"
    assert org.query(soql)[0]["Assignments"]["totalSize"] == 1
    soql = "SELECT (SELECT Id FROM PermissionSetAssignments) FROM User LIMIT 1"
    assert org.query(soql)[0]["PermissionSetAssignments"]["totalSize"] == 1
    for soql in (
        "SELECT (SELECT Subject FROM Events), (SELECT Subject FROM Tasks) FROM Contact LIMIT 1",
        "SELECT (SELECT Id FROM ContentVersions), (SELECT Id FROM ContentDocumentLinks) "
        "FROM ContentDocument LIMIT 1",
        "SELECT (SELECT Id FROM ContentDocumentLinks) FROM Contact LIMIT 1",
    ):
        org.query(soql)


def test_many_children_and_many_parents_come_in_pages(org: Client) -> None:
    org.create("Account", Name="Kids Crowd", Migration_Key__c="kids:crowd")
    rows = "".join(f"crowd:{n:03},L{n:03},kids:crowd\n" for n in range(MANY))
    header = "Migration_Key__c,LastName,Account.Migration_Key__c\n"
    assert org.bulk("Contact", "upsert", header + rows, "Migration_Key__c").counts[2] == 0
    soql = (
        "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account "
        "WHERE Name = 'Kids Crowd'"
    )
    crowd = org.get("/query", params={"q": soql})["records"][0]["Contacts"]
    assert (crowd["totalSize"], crowd["done"], len(crowd["records"])) == (MANY, False, 200)
    names = [each["LastName"] for each in crowd["records"]]
    while not crowd["done"]:
        crowd = org.get(crowd["nextRecordsUrl"])
        names += [each["LastName"] for each in crowd["records"]]
    assert names == [f"L{n:03}" for n in range(MANY)]

    rows = "".join(f"parents:{n:03},Kids Parent {n:03}\n" for n in range(MANY))
    org.bulk("Account", "upsert", "Migration_Key__c,Name\n" + rows, "Migration_Key__c")
    text = "".join(f"one:{n:03},Only,parents:{n:03}\n" for n in range(MANY))
    org.bulk("Contact", "upsert", header + text, "Migration_Key__c")
    soql = (
        "SELECT Name, (SELECT Migration_Key__c FROM Contacts) FROM Account "
        "WHERE Name LIKE 'Kids Parent %' ORDER BY Name"
    )
    found = org.query(soql)
    assert [each["Contacts"]["records"][0]["Migration_Key__c"] for each in found] == [
        f"one:{n:03}" for n in range(MANY)
    ]


def test_parents_of_several_kinds(org: Client, ids: dict[str, str]) -> None:
    soql = (
        "SELECT Who.Name, Who.Type, What.Name, Owner.Name FROM Task WHERE Subject LIKE 'Kids %' "
        "ORDER BY Subject"
    )
    call, lead, loose = org.get("/query", params={"q": soql})["records"]
    assert call["Who"] == {
        "attributes": {
            "type": "Name",
            "url": f"/services/data/v67.0/sobjects/Contact/{ids['ann']}",
        },
        "Name": "Ann Kid",
        "Type": "Contact",
    }
    assert call["What"]["Name"] == "Kids Family"
    assert (lead["Who"]["Type"], lead["What"], loose["Who"]) == ("Lead", None, None)
    assert loose["Owner"]["Name"] == "Integration User"
    where = "SELECT Subject FROM Task WHERE Subject LIKE 'Kids %' AND "
    assert org.query(where + "Who.Type = 'Lead'") == [{"Subject": "Kids lead"}]
    assert org.query(where + "What.Name = 'Kids Family'") == [{"Subject": "Kids call"}]
    error = org.query_error("SELECT Who.Birthdate FROM Task")
    assert "No such column 'Birthdate' on entity 'Name'." in error["message"]


def test_typeof(org: Client, ids: dict[str, str]) -> None:
    soql = (
        "SELECT TYPEOF Who WHEN Contact THEN FirstName, Title WHEN Lead THEN Company END, "
        "TYPEOF What WHEN Account THEN Name, Industry END FROM Task "
        "WHERE Subject LIKE 'Kids %' ORDER BY Subject"
    )
    call, lead, loose = org.get("/query", params={"q": soql})["records"]
    assert call["Who"]["attributes"]["type"] == "Contact"
    assert (call["Who"]["FirstName"], call["Who"]["Title"]) == ("Ann", "Dr")
    assert "Company" not in call["Who"]
    assert (call["What"]["Name"], call["What"]["Industry"]) == ("Kids Family", None)
    assert lead["Who"]["Company"] == "Kids Inc" and "Title" not in lead["Who"]
    assert (loose["Who"], loose["What"]) == (None, None)
    soql = (
        "SELECT TYPEOF Who WHEN Lead THEN Company ELSE Name, Type END FROM Task "
        "WHERE Subject LIKE 'Kids %' ORDER BY Subject"
    )
    call, lead, loose = (row["Who"] for row in org.query(soql))
    assert (call, lead, loose) == (
        {"Name": "Ann Kid", "Type": "Contact"},
        {"Company": "Kids Inc"},
        None,
    )
    for wrong in (
        "SELECT TYPEOF Who WHEN Account THEN Name END FROM Task",
        "SELECT TYPEOF Account WHEN Account THEN Name END FROM Contact",
        "SELECT TYPEOF Who END FROM Task",
    ):
        org.query_error(wrong)


def test_five_parents_and_no_more(org: Client, ids: dict[str, str]) -> None:
    path = "Guarantor__r.Guarantor__r.Guarantor__r.Guarantor__r.Guarantor__r."
    record = org.query(f"SELECT {path}Name FROM Contact WHERE Id = '{ids['bob']}'")[0]
    assert record["Guarantor__r"]["Guarantor__r"] is None
    error = org.query_error(f"SELECT {path}Guarantor__r.Name FROM Contact")
    assert error["errorCode"] == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Id IN (SELECT AccountId FROM Contact WHERE FirstName = 'Ann')", ["Kids Family"]),
        ("Id NOT IN (SELECT AccountId FROM Contact)", ["Kids Lone"]),
        ("ParentId NOT IN (SELECT AccountId FROM Contact)", ["Kids Family"]),
        ("Id IN (SELECT WhatId FROM Task WHERE Who.Type = 'Contact')", ["Kids Family"]),
        (
            "Id IN (SELECT AccountId FROM Contact) AND OwnerId IN (SELECT Id FROM User)",
            ["Kids Family"],
        ),
    ],
)
def test_semi_joins(org: Client, ids: dict[str, str], where: str, names: list[str]) -> None:
    soql = f"SELECT Name FROM Account WHERE Name IN ('Kids Family', 'Kids Lone') AND {where}"
    assert [row["Name"] for row in org.query(soql)] == names


SEEN = "public clients' logs"
INNER = "Id IN (SELECT AccountId FROM Contact)"


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (
            f"{INNER} OR Name = 'x'",
            sourced("Semi join sub-selects are not allowed with the 'OR' operator", SEEN),
        ),
        (
            f"Name = 'x' AND ({INNER} OR Name = 'y')",
            sourced(
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not "
                "in nested WHERE expressions.",
                SEEN,
            ),
        ),
        (
            f"{INNER} AND {INNER} AND {INNER}",
            sourced("Maximum 2 semi join sub-selects are allowed", SEEN),
        ),
        (
            "Id IN (SELECT AccountId FROM Contact WHERE OwnerId IN (SELECT Id FROM User))",
            sourced("Nesting of semi join sub-selects is not supported", SEEN),
        ),
        (
            "Id IN (SELECT OwnerId FROM Contact)",
            sourced(
                "The selected field 'OwnerId' in the subquery and the left operand field in the "
                "where expression in the outer query 'Id' should point to the same object type",
                SEEN,
            ),
        ),
        (
            "Id IN (SELECT ParentId FROM Account)",
            assumed("The inner and outer selects should not be on the same object type"),
        ),
        (
            "Name IN (SELECT LastName FROM Contact)",
            assumed("for outer query should be an id field, cannot use: 'Name'"),
        ),
        (
            "Owner.ManagerId IN (SELECT Id FROM User)",
            assumed("for outer query should be an id field, cannot use: 'Owner.ManagerId'"),
        ),
        ("Id IN (SELECT LastName FROM Contact)", assumed("cannot use: 'LastName'")),
        ("Id IN (SELECT AccountId FROM Contact LIMIT 1)", assumed("take no GROUP BY")),
        ("Id IN (SELECT AccountId, Id FROM Contact)", assumed("can only select one field")),
        ("Id IN (SELECT COUNT(Id) FROM Contact)", assumed("can only select one field")),
    ],
)
def test_semi_joins_salesforce_refuses(org: Client, where: str, text: str) -> None:
    error = org.query_error(f"SELECT Id FROM Account WHERE {where}")
    assert error["errorCode"] == "MALFORMED_QUERY"
    assert error["message"].endswith(text) or text in error["message"]


def test_children_salesforce_refuses(org: Client) -> None:
    error = org.query_error("SELECT Id, (SELECT Id FROM Contact) FROM Account")
    text = sourced(
        "Didn't understand relationship 'Contact' in FROM part of query call. If you are "
        "attempting to use a custom relationship, be sure to append the '__r' after the custom "
        "relationship name. Please reference your WSDL or the describe call for the appropriate "
        "names.",
        "public clients' logs",
    )
    assert error["errorCode"] == "INVALID_TYPE" and error["message"].endswith(text)
    for wrong in (
        "SELECT (SELECT COUNT(Id) FROM Contacts) FROM Account",
        "SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account",
        "SELECT (SELECT Id FROM Contacts), (SELECT Name FROM Contacts) FROM Account",
    ):
        assert org.query_error(wrong)["errorCode"] == "MALFORMED_QUERY"


def test_deleted_children_show_only_to_query_all(org: Client) -> None:
    account = org.create("Account", Name="Kids gone")
    contact = org.create("Contact", LastName="Gone", AccountId=account)
    org.call("DELETE", f"/sobjects/Contact/{contact}")
    soql = f"SELECT (SELECT IsDeleted FROM Contacts) FROM Account WHERE Id = '{account}'"
    assert org.query(soql)[0]["Contacts"] is None
    shown: dict[str, Any] = org.query(soql, everything=True)[0]["Contacts"]
    assert shown["records"] == [{"IsDeleted": True}] or shown["records"][0]["IsDeleted"] is True
