"""What a query says of its columns, asked with `columns=true`."""

from __future__ import annotations

from typing import Any

from tests.python.local_org.client import Client


def columns(org: Client, soql: str) -> Any:
    return org.get("/query", params={"q": soql, "columns": "true"})


def test_columns_of_a_query(org: Client) -> None:
    """The shape is that of the answers `sf`'s own tests keep (salesforcecli/plugin-data)."""
    told = columns(org, "SELECT Id, Name, Owner.Name, Owner.Email FROM Account")
    plain: dict[str, Any] = {
        "aggregate": False,
        "apexType": None,
        "booleanType": False,
        "custom": False,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }

    def named(name: str, **more: Any) -> dict[str, Any]:
        return {**plain, "columnName": name, "displayName": name, **more}

    text = {"apexType": "String", "textType": True}
    written = {"insertable": True, "updatable": True}
    own = [named("Name", **text), named("Email", **text, **written)]
    assert told["columnMetadata"] == [
        named("Id", apexType="Id"),
        named("Name", **text, **written),
        named("Owner", foreignKeyName="OwnerId", joinColumns=own),
    ]
    assert (told["entityName"], told["keyPrefix"], told["idSelected"]) == ("Account", "001", True)


def test_columns_of_an_aggregate_query(org: Client) -> None:
    told = columns(org, "SELECT AccountId, avg(Balance__c) FROM Contact GROUP BY AccountId")
    first, second = told["columnMetadata"]
    assert (first["columnName"], first["apexType"], first["aggregate"]) == (
        "AccountId",
        "Id",
        False,
    )
    shown = (second["columnName"], second["displayName"], second["aggregate"])
    assert shown == ("expr0", "avg(Balance__c)", True) and second["numberType"] is True
    assert told["groupBy"] is True
    assert columns(org, "SELECT COUNT() FROM Contact")["columnMetadata"] == []


def test_columns_of_a_bad_query(org: Client) -> None:
    parameters = {"q": "SELECT Nope FROM Account", "columns": "true"}
    answer = org.call("GET", "/query", params=parameters)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
