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
