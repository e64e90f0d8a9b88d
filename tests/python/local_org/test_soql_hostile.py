"""Queries made to break a server: each is refused cleanly, and the server goes on."""

from __future__ import annotations

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.wording import assumed

HEAD = "SELECT Id FROM Contact WHERE "
DEEP = 20_000
# DuckDB plans in the cube of the conditions that must all hold, else about in their number.
WIDE, ALL = 3_000, 800


def job(org: Client, soql: str) -> tuple[int, str]:
    """A query job takes a query as long as it may be; a URL does not."""
    body = {"operation": "query", "query": soql}
    answer = org.call("POST", "/jobs/query", json=body)
    code = answer.json()[0]["errorCode"] if answer.status_code >= 400 else ""
    return answer.status_code, code


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        (HEAD + "(" * DEEP + "Id = null" + ")" * DEEP, "QUERY_TOO_COMPLICATED"),
        (HEAD + "NOT " * DEEP + "Id = null", "QUERY_TOO_COMPLICATED"),
        (HEAD + "(" * DEEP, "QUERY_TOO_COMPLICATED"),
        ("SELECT (" * 10_000, "QUERY_TOO_COMPLICATED"),
        ("SELECT " + "(SELECT Id, " * 8_000, "QUERY_TOO_COMPLICATED"),
        (HEAD + "Id IN (SELECT Id FROM User WHERE " * 2_000, "QUERY_TOO_COMPLICATED"),
        (HEAD + "LastName = '" + "a" * 100_000 + "'", "MALFORMED_QUERY"),
        (HEAD + "LastName = '" + "a" * 4_001 + "'", "MALFORMED_QUERY"),
        (HEAD + "LastName = '" + "\\'" * 40_000, "MALFORMED_QUERY"),
        (HEAD + "Rank__c = 1" + "0" * 400, "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact LIMIT " + "9" * 50, "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        (HEAD + "LastName = '\\x'", "MALFORMED_QUERY"),
        (HEAD + "LastName = '\x00", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact -- all of them", "MALFORMED_QUERY"),
        ("SELECT Id /* all */ FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact ALL ROWS", "MALFORMED_QUERY"),
        ('SELECT "Id" FROM Contact', "MALFORMED_QUERY"),
        ("SELECT Id FROM data.Contact", "INVALID_TYPE"),
        ("SELECT Id FROM Contact WHERE Id IN :ids", "MALFORMED_QUERY"),
        ("SELECT " + ", ".join(f"F{n}" for n in range(10_000)) + " FROM Contact", "INVALID_FIELD"),
        ("SELECT Ⅷ FROM Contact", "MALFORMED_QUERY"),
    ],
)
def test_refused(org: Client, soql: str, code: str) -> None:
    assert job(org, soql) == (400, code)


def test_the_words_of_what_is_too_deep(org: Client) -> None:
    error = org.query_error(HEAD + "(" * 200 + "Id = null" + ")" * 200)
    assert error["message"] == assumed(
        "Query is either selecting too many fields or the filter conditions are too complicated."
    )


def test_wide_conditions_are_answered(org: Client) -> None:
    org.create("Contact", LastName="Wide", Migration_Key__c="wide:x")
    either = " OR ".join(f"LastName = 'w{n}'" for n in range(WIDE)) + " OR LastName = 'Wide'"
    both = " AND ".join(f"LastName != 'w{n}'" for n in range(ALL))
    listed = ", ".join(f"'w{n}'" for n in range(2 * WIDE)) + ", 'wide'"
    deep = "(" * 90 + "LastName = 'Wide'" + ")" * 90
    for where in (either, f"LastName = 'Wide' AND {both}", f"LastName IN ({listed})", deep):
        body = {"operation": "query", "query": HEAD + where}
        made = org.call("POST", "/jobs/query", json=body)
        assert made.status_code == 200, made.text
        info = org.wait(made.json(), "query")
        assert (info["state"], info["numberRecordsProcessed"]) == ("JobComplete", 1)


@pytest.mark.parametrize(
    "value",
    [
        '\'); DROP TABLE data."Contact"; --',
        "x' OR '1' = '1",
        "?",
        "$1",
        "\\u0041",
        "%",
        "100\\%",
    ],
)
def test_a_value_is_never_part_of_a_statement(org: Client, value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    key = f"inject:{value}"
    org.create("Contact", LastName="Inject", Migration_Key__c=key)
    found = org.query(
        f"SELECT Migration_Key__c FROM Contact WHERE Migration_Key__c = 'inject:{quoted}'"
    )
    assert found == [{"Migration_Key__c": key}]


def test_clauses_that_change_nothing_are_taken(org: Client) -> None:
    for soql in (
        "SELECT Id FROM Contact USING SCOPE mine WITH SECURITY_ENFORCED LIMIT 1",
        "SELECT Id FROM Contact WITH USER_MODE LIMIT 1 FOR VIEW",
        "SELECT Id FROM Contact LIMIT 1 FOR REFERENCE",
        "SELECT Id FROM Contact LIMIT 1 FOR UPDATE",
        "SELECT Id FROM Contact LIMIT 1 UPDATE TRACKING",
        "SELECT Id FROM Group",
    ):
        org.query(soql)
    for soql in (
        "SELECT Id FROM Contact USING SCOPE nothing",
        "SELECT Id FROM Contact WITH NOTHING",
        "SELECT Id FROM Contact FOR NOTHING",
    ):
        assert org.query_error(soql)["message"].lower() == "unexpected token: 'nothing'"
