"""Counts, sums, groups; sets of fields; what may be grouped, sorted and summed."""

from __future__ import annotations

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.wording import assumed, sourced

OWN = "WHERE Migration_Key__c LIKE 'agg:%'"
SEEN = "public clients' logs"


@pytest.fixture(scope="module", autouse=True)
def contacts(org: Client) -> None:
    org.create("Account", Name="Agg One", Migration_Key__c="agg:a")
    org.create("Account", Name="Agg Two", Migration_Key__c="agg:b")
    rows = [
        "agg:1,Ay,Male,10.25,agg:a",
        "agg:2,Bee,Male,20,agg:a",
        "agg:3,Cee,Female,,agg:a",
        "agg:4,Dee,,1234.5,agg:b",
        "agg:5,dee,Female,-4,",
    ]
    header = "Migration_Key__c,LastName,Gender__c,Balance__c,Account.Migration_Key__c"
    text = "\n".join([header, *rows, ""])
    assert org.bulk("Contact", "upsert", text, "Migration_Key__c").counts[2] == 0


def test_every_aggregate(org: Client) -> None:
    soql = (
        "SELECT COUNT(Id) a, COUNT(Gender__c) b, COUNT_DISTINCT(Gender__c) c, SUM(Balance__c) d, "
        "AVG(Balance__c) e, MIN(LastName) f, MAX(Balance__c) g, COUNT(Balance__c) "
        f"FROM Contact {OWN}"
    )
    assert org.query(soql) == [
        {
            "a": 5,
            "b": 4,
            "c": 2,
            "d": 1260.75,
            "e": 315.1875,
            "f": "Ay",
            "g": 1234.5,
            "expr0": 4,
        }
    ]


def test_groups_by_a_parent_and_having(org: Client) -> None:
    soql = (
        f"SELECT Account.Name, COUNT(Id) n FROM Contact {OWN} GROUP BY Account.Name "
        "HAVING COUNT(Id) > 0 AND Account.Name != 'Agg Two' ORDER BY COUNT(Id) DESC, Account.Name"
    )
    assert org.query(soql) == [{"Name": "Agg One", "n": 3}, {"Name": None, "n": 1}]
    page = org.get("/query", params={"q": soql})
    assert page["records"][0]["attributes"] == {"type": "AggregateResult"}


def test_rollup(org: Client) -> None:
    soql = (
        "SELECT Account.Name a, Gender__c g, COUNT(Id) n, GROUPING(Gender__c) r "
        f"FROM Contact {OWN} AND Account.Name = 'Agg One' GROUP BY ROLLUP(Account.Name, Gender__c)"
    )
    rows = {(row["a"], row["g"], row["r"]): row["n"] for row in org.query(soql)}
    assert rows == {
        ("Agg One", "Male", 0): 2,
        ("Agg One", "Female", 0): 1,
        ("Agg One", None, 1): 3,
        (None, None, 1): 3,
    }


def test_a_count_of_all_obeys_its_limit(org: Client) -> None:
    for tail, count in (("", 5), (" LIMIT 2", 2), (" LIMIT 10 OFFSET 4", 1)):
        page = org.get("/query", params={"q": f"SELECT COUNT() FROM Contact {OWN}{tail}"})
        assert (page["totalSize"], page["done"], page["records"]) == (count, True, [])


def test_text_sorts_without_regard_to_case(org: Client) -> None:
    soql = (
        f"SELECT Migration_Key__c FROM Contact {OWN} ORDER BY LastName DESC, Balance__c NULLS LAST"
    )
    assert [row["Migration_Key__c"][-1] for row in org.query(soql)] == list("54321")


@pytest.mark.parametrize(
    ("soql", "text"),
    [
        (
            "SELECT LastName, COUNT(Id) FROM Contact",
            sourced("Field must be grouped or aggregated: LastName", SEEN),
        ),
        (
            "SELECT COUNT(Id) FROM Contact GROUP BY LastName ORDER BY FirstName",
            assumed("Ordered field must be grouped or aggregated: FirstName"),
        ),
        (
            "SELECT COUNT(Id) FROM Contact GROUP BY Description",
            sourced("field 'Description' can not be grouped in a query call", SEEN),
        ),
        (
            "SELECT Id FROM Contact ORDER BY Description",
            sourced("field 'Description' can not be sorted in a query call", SEEN),
        ),
        (
            "SELECT Id FROM Contact ORDER BY Alerts__c",
            sourced("field 'Alerts__c' can not be sorted in a query call", SEEN),
        ),
        (
            "SELECT SUM(LastName) FROM Contact",
            sourced("field LastName does not support aggregate operator SUM", SEEN),
        ),
        (
            "SELECT COUNT(Is_Provider__c) FROM Contact",
            sourced("field Is_Provider__c does not support aggregate operator COUNT", SEEN),
        ),
        (
            "SELECT MAX(ActivityDate) FROM Event",
            sourced("field ActivityDate does not support aggregate operator MAX", SEEN),
        ),
        (
            "SELECT LastName n FROM Contact",
            assumed("only aggregate expressions use field aliasing"),
        ),
        (
            "SELECT COUNT(Id) n, SUM(Balance__c) n FROM Contact",
            assumed("duplicate alias: n"),
        ),
        ("SELECT Id, Id FROM Contact", assumed("duplicate field selected: Id")),
        ("SELECT SUM() FROM Contact", "unexpected token: ')'"),
        ("SELECT Id FROM Contact WHERE COUNT(Id) > 1", "unexpected token: 'COUNT'"),
    ],
)
def test_refused(org: Client, soql: str, text: str) -> None:
    error = org.query_error(soql)
    assert error["errorCode"] == "MALFORMED_QUERY"
    assert error["message"].endswith(text)


def test_an_aggregate_has_one_page(org: Client) -> None:
    rows = "".join(f"wide:{number:04},N{number:04}\n" for number in range(2_001))
    org.bulk("Contact", "upsert", "Migration_Key__c,LastName\n" + rows, "Migration_Key__c")
    soql = "SELECT LastName, COUNT(Id) FROM Contact WHERE LastName LIKE 'N____' GROUP BY LastName"
    error = org.query_error(soql)
    assert error["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert error["message"] == sourced(
        "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a "
        "single batch",
        SEEN,
    )
    assert len(org.query(soql + " LIMIT 2000")) == 2_000


def test_sets_of_fields(org: Client) -> None:
    described = org.get("/sobjects/Contact/describe")["fields"]
    for word, wanted in (
        ("ALL", {each["name"] for each in described}),
        ("STANDARD", {each["name"] for each in described if not each["custom"]}),
        ("CUSTOM", {each["name"] for each in described if each["custom"]}),
    ):
        found = org.query(f"SELECT FIELDS({word}) FROM Contact {OWN} LIMIT 1")
        assert set(found[0]) == wanted
    assert len(org.query(f"SELECT FIELDS(STANDARD) FROM Contact {OWN}")) == 5
    for soql in (
        f"SELECT FIELDS(ALL) FROM Contact {OWN}",
        f"SELECT FIELDS(CUSTOM) FROM Contact {OWN} LIMIT 201",
    ):
        text = sourced("The SOQL FIELDS function must have a LIMIT of at most 200", SEEN)
        assert org.query_error(soql)["message"].endswith(text)


def test_values_as_people_read_them(org: Client) -> None:
    soql = (
        "SELECT toLabel(Gender__c), FORMAT(Balance__c) shown, Balance__c FROM Contact "
        "WHERE Migration_Key__c IN ('agg:2', 'agg:4') ORDER BY Migration_Key__c"
    )
    assert org.query(soql) == [
        {"Gender__c": "Male", "shown": "$20.00", "Balance__c": 20.0},
        {"Gender__c": None, "shown": "$1,234.50", "Balance__c": 1234.5},
    ]
