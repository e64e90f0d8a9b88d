"""The setup: custom objects and fields, whoever may see them."""

from typing import Any

from tests.python.local_org.client import Client


def asked(org: Client, soql: str) -> list[dict[str, Any]]:
    found = org.get("/tooling/query", params={"q": soql})
    assert found["done"]
    return [{k: v for k, v in each.items() if k != "attributes"} for each in found["records"]]


def test_the_setup_shows_what_nobody_granted(org: Client) -> None:
    assert "Hidden__c" not in {f["name"] for f in org.get("/sobjects/Contact/describe")["fields"]}
    soql = "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = 'Contact'"
    assert {"DeveloperName": "Hidden"} in asked(org, soql)
    soql = "SELECT Id, DeveloperName, NamespacePrefix FROM CustomObject"
    (made,) = asked(org, f"{soql} WHERE DeveloperName = 'Insurance_Detail'")
    assert made["Id"].startswith("01I")
    assert (made["DeveloperName"], made["NamespacePrefix"]) == ("Insurance_Detail", None)
    soql = f"SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = '{made['Id'][:15]}'"
    fields = asked(org, soql)
    assert {each["DeveloperName"] for each in fields} >= {"Contact", "Carrier", "Priority"}
    assert all(each["Id"].startswith("00N") for each in fields)
    activity = "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = 'Activity'"
    assert {"DeveloperName": "Operatory"} in asked(org, activity)


def test_the_setup_is_apart_from_the_data(org: Client) -> None:
    assert org.query_error("SELECT Id FROM CustomField")["errorCode"] == "INVALID_TYPE"
    answer = org.call("GET", "/tooling/query", params={"q": "SELECT Id FROM Contact"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


def test_the_setup_shows_what_acts_on_records(org: Client) -> None:
    """Rules of the switch, under the name of their object or the Id of a custom one."""
    rules = [
        {"object": "contact", "name": "No_Z", "when": "LastName LIKE 'Z%'", "message": "No Z."},
        {
            "object": "Insurance_Detail__c",
            "name": "Own",
            "when": "Priority__c = 'Third'",
            "message": "Two only.",
            "field": "Priority__c",
        },
    ]
    soql = (
        "SELECT ValidationName, EntityDefinitionId, ErrorDisplayField, ErrorMessage"
        " FROM ValidationRule WHERE Active = true ORDER BY ValidationName"
    )
    assert asked(org, soql) == []
    org.switch(validation_rules=rules)
    soql_made = "SELECT Id FROM CustomObject WHERE DeveloperName = 'Insurance_Detail'"
    (made,) = asked(org, soql_made)
    assert [tuple(each.values()) for each in asked(org, soql)] == [
        ("No_Z", "Contact", None, "No Z."),
        ("Own", made["Id"], "Priority__c", "Two only."),
    ]
    org.switch(validation_rules=[])
    assert asked(org, soql) == []


def test_what_the_org_does_not_run_is_empty(org: Client) -> None:
    triggers = "SELECT Name, TableEnumOrId, Status, UsageBeforeInsert FROM ApexTrigger"
    assert asked(org, f"{triggers} WHERE Status = 'Active'") == []
    flows = "SELECT ApiName, TriggerObjectOrEventId, RecordTriggerType FROM FlowDefinitionView"
    assert org.query(f"{flows} WHERE ActiveVersionId != null AND IsActive = true") == []
    assert org.query("SELECT Name, SobjectType FROM AssignmentRule WHERE Active = true") == []
    territory = "SELECT DeveloperName FROM ObjectTerritory2AssignmentRule"
    assert org.query_error(territory)["errorCode"] == "INVALID_TYPE"


def test_an_org_is_a_sandbox_unless_it_is_switched(org: Client) -> None:
    soql = "SELECT IsSandbox FROM Organization"
    assert org.query(soql) == [{"IsSandbox": True}]
    org.switch(is_sandbox=False)
    assert org.query(soql) == [{"IsSandbox": False}]
    org.switch(is_sandbox=True)
    assert org.query(soql) == [{"IsSandbox": True}]
