"""SOQL by REST: what it finds, how it pages, how it is refused."""

import pytest

from tests.python.local_org.client import Client

TAIL = (
    " If you are attempting to use a custom field, be sure to append the '__c' after the custom "
    "field name. Please reference your WSDL or the describe call for the appropriate names."
)


@pytest.fixture(scope="module", autouse=True)
def contacts(org: Client) -> None:
    org.create("Account", Name="Soql Family", Migration_Key__c="soql:fam")
    header = (
        "Migration_Key__c,LastName,FirstName,Birthdate,Balance__c,Is_Provider__c,Alerts__c,"
        "Seen__c,Account.Migration_Key__c"
    )
    rows = [
        "soql:1,Smith,Ann,1980-01-02,10.5,true,Latex;Asthma,2020-01-01T10:00:00Z,soql:fam",
        "soql:2,O'Neil,Bob,1990-05-06,-3,false,Latex,2021-01-01T10:00:00Z,soql:fam",
        "soql:3,100%_done,,,,false,,,",
        "soql:4,Zoë,Ann,2000-02-29,0,false,,,",
    ]
    text = "\n".join([header, *rows, ""])
    assert org.bulk("Contact", "upsert", text, "Migration_Key__c").counts[2] == 0


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("LastName = 'smith'", "1"),
        ("LastName = 'O\\'Neil'", "2"),
        ("LastName != 'Smith'", "234"),
        ("FirstName = null", "3"),
        ("FirstName != null", "124"),
        ("FirstName != 'Ann'", "23"),
        ("LastName LIKE 'S%h'", "1"),
        ("LastName LIKE '100\\%\\_d%'", "3"),
        ("LastName LIKE '_mith'", "1"),
        ("LastName IN ('Smith', 'Zoë')", "14"),
        ("LastName NOT IN ('Smith', 'Zoë')", "23"),
        ("FirstName IN ('Bob', null)", "23"),
        ("NOT LastName = 'Smith'", "234"),
        ("Birthdate > 1985-01-01", "24"),
        ("Birthdate <= 1990-05-06", "12"),
        ("Balance__c < 1", "24"),
        ("Balance__c >= 0.0", "14"),
        ("Is_Provider__c = true", "1"),
        ("Is_Provider__c != true", "234"),
        ("Seen__c >= 2020-01-01T12:00:00+02:00", "12"),
        ("Seen__c > 2020-01-01T10:00:00Z", "2"),
        ("Alerts__c INCLUDES ('Latex')", "12"),
        ("Alerts__c INCLUDES ('Latex;Asthma')", "1"),
        ("Alerts__c EXCLUDES ('Asthma')", "234"),
        ("Account.Name = 'Soql Family'", "12"),
        ("Account.Migration_Key__c = 'soql:FAM'", ""),
        ("Account.Owner.Name = 'Integration User'", "12"),
        ("(FirstName = 'Ann' AND Balance__c > 1) OR FirstName = null", "13"),
        ("CreatedDate = TODAY", "1234"),
        ("CreatedDate < YESTERDAY", ""),
        ("CreatedDate = LAST_N_DAYS:3", "1234"),
        ("Name = 'Ann Smith'", "1"),
    ],
)
def test_where(org: Client, where: str, found: str) -> None:
    soql = (
        f"SELECT Migration_Key__c FROM Contact WHERE Migration_Key__c LIKE 'soql:%' "
        f"AND ({where}) ORDER BY Migration_Key__c"
    )
    assert "".join(row["Migration_Key__c"][-1] for row in org.query(soql)) == found


def test_order_limit_and_offset(org: Client) -> None:
    soql = "SELECT LastName FROM Contact WHERE Migration_Key__c LIKE 'soql:%' ORDER BY "
    names = [row["LastName"] for row in org.query(soql + "Balance__c DESC NULLS LAST")]
    assert names == ["Smith", "Zoë", "O'Neil", "100%_done"]
    assert [r["LastName"] for r in org.query(soql + "Balance__c")] == names[::-1]
    assert [r["LastName"] for r in org.query(soql + "Balance__c LIMIT 1 OFFSET 1")] == ["O'Neil"]


def test_parents_are_nested_and_absent_ones_null(org: Client) -> None:
    soql = (
        "SELECT Account.Name, Account.Owner.Email FROM Contact "
        "WHERE Migration_Key__c IN ('soql:1', 'soql:3') ORDER BY Migration_Key__c"
    )
    page = org.get("/query", params={"q": soql})
    first, second = page["records"]
    assert first["Account"]["attributes"]["type"] == "Account"
    assert first["Account"]["Owner"]["Email"] == "integration@example.com"
    assert second["Account"] is None
    assert first["attributes"]["url"].startswith("/services/data/v67.0/sobjects/Contact/003")


def test_counts_and_aggregates(org: Client) -> None:
    count = org.get(
        "/query",
        params={"q": "SELECT COUNT() FROM Contact WHERE Migration_Key__c LIKE 'soql:%'"},
    )
    assert (count["totalSize"], count["done"], count["records"]) == (4, True, [])
    soql = (
        "SELECT FirstName, COUNT(Id) n, SUM(Balance__c), MAX(Birthdate) latest FROM Contact "
        "WHERE Migration_Key__c LIKE 'soql:%' GROUP BY FirstName ORDER BY FirstName"
    )
    assert org.query(soql)[1] == {
        "FirstName": "Ann",
        "n": 2,
        "expr0": 10.5,
        "latest": "2000-02-29",
    }


def test_addresses_are_compound(org: Client) -> None:
    record = org.create("Contact", LastName="A", MailingCity="Springfield", MailingStreet="1 Main")
    found = org.query(f"SELECT MailingAddress, OtherAddress FROM Contact WHERE Id = '{record}'")
    assert found[0]["MailingAddress"]["city"] == "Springfield"
    assert found[0]["OtherAddress"] is None


def test_long_results_come_in_pages_of_two_thousand(org: Client) -> None:
    rows = "".join(f"page:{number:04},L\n" for number in range(4_500))
    org.bulk("Contact", "upsert", "Migration_Key__c,LastName\n" + rows, "Migration_Key__c")
    soql = (
        "SELECT Migration_Key__c FROM Contact WHERE Migration_Key__c LIKE 'page:%' "
        "ORDER BY Migration_Key__c"
    )
    page = org.get("/query", params={"q": soql})
    assert (page["totalSize"], page["done"], len(page["records"])) == (4_500, False, 2_000)
    assert page["nextRecordsUrl"].startswith("/services/data/v67.0/query/0r8")
    assert page["nextRecordsUrl"].endswith("-2000")
    keys = [row["Migration_Key__c"] for row in org.query(soql)]
    assert keys == [f"page:{number:04}" for number in range(4_500)]


# SOURCED: the wording of INVALID_FIELD, INVALID_TYPE and the drawing around them.
def test_unknown_names_are_drawn(org: Client) -> None:
    assert org.query_error("SELECT Id, Foo FROM Account") == {
        "errorCode": "INVALID_FIELD",
        "message": "\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Foo' on entity 'Account'." + TAIL,
    }
    error = org.query_error("SELECT Id FROM Foo")
    assert error["errorCode"] == "INVALID_TYPE"
    assert "ERROR at Row:1:Column:16\nsObject type 'Foo' is not supported." in error["message"]
    error = org.query_error("SELECT Foo.Name FROM Contact")
    assert "Didn't understand relationship 'Foo' in field path." in error["message"]


def test_a_field_nobody_granted_is_not_there(org: Client) -> None:
    error = org.query_error("SELECT Hidden__c FROM Contact")
    assert "No such column 'Hidden__c' on entity 'Contact'." in error["message"]


@pytest.mark.parametrize(
    ("soql", "token"),
    [
        ("SELECT Id FROM Contact WHERE", "<EOF>"),
        ("SELECT FROM Contact", "FROM"),
        ("SELECT Id, FROM Contact", "FROM"),
        ("SELECT * FROM Contact", "*"),
        ("SELECT Id FROM Contact WHERE LastName == 'a'", "="),
        ("SELECT Id FROM Contact LIMIT x", "x"),
        ("SELECT Id FROM Contact; DROP TABLE Contact", ";"),
        ("SELECT Id FROM Contact WHERE Id = '1' AND Id = '2' OR Id = '3'", "OR"),
        ("SELECT Id FROM Contact JOIN Account", "Account"),
    ],
)
def test_malformed(org: Client, soql: str, token: str) -> None:
    error = org.query_error(soql)
    assert error["errorCode"] == "MALFORMED_QUERY"
    assert error["message"] == f"unexpected token: '{token}'"


# SOURCED wording
@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("LastName = 5", "'LastName' must be of type string and should be enclosed in quotes"),
        ("Birthdate = '1980-01-01'", "must be of type date and should not be enclosed in quotes"),
        ("Is_Provider__c = 'true'", "of type boolean and should not be enclosed in quotes"),
        ("CreatedDate > '2020'", "must be of type dateTime and should not be enclosed in quotes"),
    ],
)
def test_values_of_another_type(org: Client, where: str, text: str) -> None:
    error = org.query_error(f"SELECT Id FROM Contact WHERE {where}")
    assert error["errorCode"] == "INVALID_FIELD" and text in error["message"]


def test_long_text_cannot_be_filtered(org: Client) -> None:
    error = org.query_error("SELECT Id FROM Contact WHERE Description = 'x'")
    assert "field 'Description' can not be filtered in a query call" in error["message"]


def test_a_batch_is_as_small_as_asked_for(org: Client) -> None:
    soql = "SELECT Id FROM Contact WHERE Migration_Key__c LIKE 'page:%'"
    for options, size in (("batchSize=200", 200), ("batchSize=1", 200), ("batchSize=9000", 2_000)):
        headers = {"Sforce-Query-Options": options}
        page = org.call("GET", "/query", params={"q": soql}, headers=headers).json()
        assert (len(page["records"]), page["nextRecordsUrl"][-len(str(size)) :]) == (
            size,
            str(size),
        )
        assert len(org.get(page["nextRecordsUrl"])["records"]) == size


def test_locators_end(org: Client) -> None:
    soql = "SELECT Id FROM Contact WHERE Migration_Key__c LIKE 'page:%'"

    def first() -> str:
        return str(org.get("/query", params={"q": soql})["nextRecordsUrl"])

    def ended(url: str) -> None:
        answer = org.call("GET", url)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (
            400,
            "INVALID_QUERY_LOCATOR",
        )

    oldest = first()
    org.get(oldest)
    for _ in range(10):
        latest = first()
    ended(oldest)
    org.get(latest)
    org.switch(query_locator_seconds=0)
    ended(latest)
    org.switch(query_locator_seconds=172_800)
    ended(latest)
    ended("/query/nothing-2000")


def test_a_query_is_asked_by_get_only(org: Client) -> None:
    answer = org.call("POST", "/query", json={"q": "SELECT Id FROM Contact"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
