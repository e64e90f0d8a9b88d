"""Deletes: what goes along, what stands in the way, what the recycle bin does."""

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.wording import sourced

START = {"StartDateTime": "2024-03-04T15:00:00Z", "DurationInMinutes": 30}
GONE = [{"IsDeleted": True}]


def state(org: Client, name: str, record: str) -> list[dict[str, bool]]:
    return org.query(f"SELECT IsDeleted FROM {name} WHERE Id = '{record}'", everything=True)


def delete(org: Client, name: str, record: str) -> None:
    answer = org.call("DELETE", f"/sobjects/{name}/{record}")
    assert answer.status_code == 204, answer.text


@pytest.mark.parametrize("name", ["Contact", "Lead"])
def test_activities_go_with_the_person(org: Client, name: str) -> None:
    # Real describes (CumulusCI's cassettes): WhoId of Event and Task has cascadeDelete true.
    company = {"Company": "C"} if name == "Lead" else {}
    person = org.create(name, LastName="L", **company)
    event = org.create("Event", WhoId=person, **START)
    task = org.create("Task", WhoId=person)
    other = org.create("Task", Subject="x")
    delete(org, name, person)
    assert state(org, "Event", event) == state(org, "Task", task) == GONE
    assert state(org, "Task", other) == [{"IsDeleted": False}]
    relations = org.get(f"/sobjects/{name}/describe")["childRelationships"]
    found = {(each["childSObject"], each["field"]): each["cascadeDelete"] for each in relations}
    assert found[("Event", "WhoId")] is found[("Task", "WhoId")] is True


def test_everything_of_an_account_goes_with_it(org: Client) -> None:
    account = org.create("Account", Name="A")
    contact = org.create("Contact", LastName="L", AccountId=account)
    event = org.create("Event", WhatId=account, **START)
    task = org.create("Task", WhoId=contact)
    below = org.create("Account", Name="B", ParentId=account)
    insurance = org.create("Insurance_Detail__c", Migration_Key__c="dl:i", Carrier__c=account)
    delete(org, "Account", account)
    assert state(org, "Contact", contact) == GONE
    assert state(org, "Event", event) == state(org, "Task", task) == GONE
    assert org.query(f"SELECT ParentId FROM Account WHERE Id = '{below}'") == [{"ParentId": None}]
    left = org.query(f"SELECT Carrier__c FROM Insurance_Detail__c WHERE Id = '{insurance}'")
    assert left == [{"Carrier__c": None}]


def test_a_restricting_lookup_stops_the_delete(org: Client) -> None:
    account = org.create("Account", Name="Stopped")
    contact = org.create(
        "Contact", Salutation="Mr.", FirstName="Josh", LastName="Davis", AccountId=account
    )
    record = org.create("Insurance_Detail__c", Migration_Key__c="dl:r", Contact__c=contact)
    number = org.get(f"/sobjects/Insurance_Detail__c/{record}")["Name"]
    said = sourced(
        "Your attempt to delete Mr. Josh Davis could not be completed because it is associated "
        f"with the following insurance details.: {number}\n",
        "a REST answer quoted in a public client: `… the following cases.: 00001005\\n`",
    )
    refused = org.call("DELETE", f"/sobjects/Contact/{contact}")
    assert refused.status_code == 400
    assert refused.json() == [{"message": said, "errorCode": "DELETE_FAILED", "fields": []}]
    # It stops a delete that would only take the contact along.
    above = org.call("DELETE", f"/sobjects/Account/{account}")
    assert above.json()[0]["errorCode"] == "DELETE_FAILED"
    assert "delete Stopped could not" in above.json()[0]["message"]
    assert state(org, "Contact", contact) == state(org, "Account", account) != GONE
    delete(org, "Insurance_Detail__c", record)
    delete(org, "Account", account)
    assert state(org, "Contact", contact) == GONE


def test_one_row_that_is_stopped_stops_no_other(org: Client) -> None:
    kept, gone = org.create("Contact", LastName="K"), org.create("Contact", LastName="G")
    org.create("Insurance_Detail__c", Migration_Key__c="dl:one", Contact__c=kept)
    task = org.create("Task", WhoId=kept)
    job = org.bulk("Contact", "delete", f"Id\n{kept}\n{gone}\n")
    assert job.counts == ("JobComplete", 2, 1)
    assert job.error().startswith("DELETE_FAILED:Your attempt to delete K could not")
    assert state(org, "Contact", gone) == GONE
    assert state(org, "Task", task) == [{"IsDeleted": False}]


def test_what_is_in_the_recycle_bin_is_out_of_reach(org: Client) -> None:
    contact = org.create("Contact", LastName="Bin", Migration_Key__c="dl:bin")
    delete(org, "Contact", contact)
    gone = ("ENTITY_IS_DELETED", sourced("entity is deleted", "salto-io, a failed batch row"))
    for method, body in (("PATCH", {"LastName": "x"}), ("DELETE", None)):
        answer = org.call(method, f"/sobjects/Contact/{contact}", json=body)
        assert (answer.json()[0]["errorCode"], answer.json()[0]["message"]) == gone
    assert org.refused("Task", WhoId=contact)[:2] == gone
    again = org.call("PATCH", "/sobjects/Contact/Migration_Key__c/dl:bin", json={"LastName": "y"})
    assert (again.status_code, again.json()["created"]) == (201, True)
    assert again.json()["id"] != contact


def test_an_opportunity_goes_with_its_account(org: Client) -> None:
    # Real describes: Opportunity.AccountId has cascadeDelete true and is called Opportunities.
    account = org.create("Account", Name="With opportunity")
    given = {"Name": "Whitening", "StageName": "Closed Won", "CloseDate": "2026-12-01"}
    assert org.refused("Opportunity", Name="x")[0] == "REQUIRED_FIELD_MISSING"
    opportunity = org.create("Opportunity", AccountId=account, **given)
    task = org.create("Task", WhatId=opportunity)
    found = org.query(f"SELECT IsWon, Account.Name FROM Opportunity WHERE Id = '{opportunity}'")
    assert (found[0]["IsWon"], found[0]["Account"]["Name"]) == (True, "With opportunity")
    relations = org.get("/sobjects/Account/describe")["childRelationships"]
    assert [
        each["cascadeDelete"] for each in relations if each["childSObject"] == "Opportunity"
    ] == [True]
    delete(org, "Account", account)
    assert state(org, "Opportunity", opportunity) == state(org, "Task", task) == GONE
