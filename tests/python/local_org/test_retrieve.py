"""Collections' read side."""

from __future__ import annotations

from typing import Any

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.wording import assumed, sourced

PATH = "/composite/sobjects/Account"
GUIDE = "REST API Developer Guide, Get Records With a Request Body Using sObject Collections"
NO_COLUMN = assumed("No such column 'Nope' on entity 'Account'")
TOO_MANY = assumed("Record limit reached, cannot retrieve more than 2000 records")
NO_RECORD = "001000000000000AAA"


def test_records_come_in_the_order_of_their_ids(org: Client) -> None:
    first, second, gone = (org.create("Account", Name=name) for name in ("a", "b", "c"))
    assert org.call("DELETE", f"/sobjects/Account/{gone}").status_code == 204
    asked = [second, NO_RECORD, gone, first[:15], "nonsense", second]
    missing = sourced("null", GUIDE)
    answer = org.call("POST", PATH, json={"ids": asked, "fields": ["id", "NAME"]})
    assert answer.status_code == 200, answer.text
    names = [each["Name"] if each else missing for each in answer.json()]
    assert names == ["b", missing, missing, "a", missing, "b"]
    base = f"/services/data/v67.0/sobjects/Account/{second}"
    assert answer.json()[0] == {
        "attributes": {"type": "Account", "url": base},
        "Id": second,
        "Name": "b",
    }
    got = org.get(PATH, params={"ids": ",".join(asked), "fields": "id,NAME"})
    assert got == answer.json()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"ids": [NO_RECORD], "fields": ["Nope"]}, "INVALID_FIELD", NO_COLUMN),
        ({"ids": [NO_RECORD] * 2_001, "fields": ["Id"]}, "LIMIT_EXCEEDED", TOO_MANY),
        ({"ids": [1], "fields": ["Id"]}, "JSON_PARSER_ERROR", None),
        ({"fields": ["Id"]}, "JSON_PARSER_ERROR", None),
        ({"ids": [NO_RECORD], "fields": "Id"}, "JSON_PARSER_ERROR", None),
    ],
)
def test_what_cannot_be_retrieved(
    org: Client, body: dict[str, Any], code: str, message: str | None
) -> None:
    answer = org.call("POST", PATH, json=body)
    assert answer.status_code == 400
    [error] = answer.json()
    assert error["errorCode"] == code
    assert message is None or error["message"] == message


def test_no_ids_and_no_fields_are_no_error_of_the_server(org: Client) -> None:
    made = org.create("Account", Name="a")
    assert org.call("POST", PATH, json={"ids": [], "fields": ["Id"]}).json() == []
    [record] = org.call("POST", PATH, json={"ids": [made], "fields": []}).json()
    assert list(record) == ["attributes"]
