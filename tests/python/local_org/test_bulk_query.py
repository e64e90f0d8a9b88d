"""Query jobs: pages, locators, headers, what they refuse."""

import csv
import io

import pytest
import requests

from tests.python.local_org.client import Client
from tests.python.local_org.wording import sourced

ROWS = 25


@pytest.fixture(scope="module", autouse=True)
def contacts(org: Client) -> None:
    rows = "".join(f'bq:{n:02},"Name, {n}",1980-01-{n + 1:02}\n' for n in range(ROWS))
    text = f"Migration_Key__c,LastName,Birthdate\n{rows}"
    assert org.bulk("Contact", "upsert", text, "Migration_Key__c").counts[2] == 0


SELECT = (
    "SELECT Id, Migration_Key__c, LastName, Birthdate, Is_Provider__c, Seen__c, Account.Name, "
    "CreatedDate FROM Contact WHERE Migration_Key__c LIKE 'bq:%' ORDER BY Migration_Key__c"
)


def start(org: Client, soql: str, operation: str = "query") -> requests.Response:
    return org.call("POST", "/jobs/query", json={"operation": operation, "query": soql})


def test_a_query_job_in_pages(org: Client) -> None:
    job = start(org, SELECT).json()
    assert job["state"] == "UploadComplete" and job["object"] == "Contact"
    info = org.wait(job, "query")
    assert (info["state"], info["numberRecordsProcessed"]) == ("JobComplete", ROWS)
    rows: list[dict[str, str]] = []
    locator, pages = "", 0
    while locator != "null":
        more = {"locator": locator} if locator else {}
        page = org.call(
            "GET", f"/jobs/query/{job['id']}/results", params={"maxRecords": "10", **more}
        )
        assert page.headers["Content-Type"] == "text/csv; charset=UTF-8"
        found = list(csv.DictReader(io.StringIO(page.content.decode("utf-8"))))
        assert page.headers["Sforce-NumberOfRecords"] == str(len(found))
        rows += found
        locator, pages = page.headers["Sforce-Locator"], pages + 1
    assert pages == 3
    assert [row["Migration_Key__c"] for row in rows] == [f"bq:{n:02}" for n in range(ROWS)]
    assert rows[3]["LastName"] == "Name, 3" and rows[3]["Birthdate"] == "1980-01-04"
    assert (rows[3]["Is_Provider__c"], rows[3]["Seen__c"], rows[3]["Account.Name"]) == (
        "false",
        "",
        "",
    )
    assert rows[3]["CreatedDate"].endswith(".000Z")


def test_the_header_and_every_cell_is_quoted(org: Client) -> None:
    job = start(org, "SELECT Migration_Key__c FROM Contact WHERE Migration_Key__c = 'bq:01'").json()
    org.wait(job, "query")
    page = org.call("GET", f"/jobs/query/{job['id']}/results")
    assert page.text == '"Migration_Key__c"\n"bq:01"\n'
    assert page.headers["Sforce-Locator"] == "null"


def test_an_empty_result_is_a_header(org: Client) -> None:
    job = start(org, "SELECT Id FROM Contact WHERE Migration_Key__c = 'none'").json()
    org.wait(job, "query")
    page = org.call("GET", f"/jobs/query/{job['id']}/results")
    assert (page.text, page.headers["Sforce-NumberOfRecords"]) == ('"Id"\n', "0")


def test_query_all_shows_what_is_deleted(org: Client) -> None:
    record = org.create("Account", Name="Query all")
    org.call("DELETE", f"/sobjects/Account/{record}")
    for operation, count in (("query", 0), ("queryAll", 1)):
        soql = f"SELECT Id, IsDeleted FROM Account WHERE Id = '{record}'"
        job = start(org, soql, operation).json()
        assert org.wait(job, "query")["numberRecordsProcessed"] == count


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT count() FROM Contact", "API_ERROR"),
        ("SELECT Id FROM Contact OFFSET 5", "API_ERROR"),
        ("SELECT MailingAddress FROM Contact", "API_ERROR"),
        ("SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT TYPEOF Who WHEN Contact THEN Name END FROM Task", "API_ERROR"),
        ("SELECT VersionData FROM ContentVersion", "API_ERROR"),
        ("SELECT FIELDS(ALL) FROM Contact LIMIT 200", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
    ],
)
def test_refused_when_created(org: Client, soql: str, code: str) -> None:
    answer = start(org, soql)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_the_words_of_what_is_refused(org: Client) -> None:
    compound = start(org, "SELECT MailingAddress FROM Contact").json()[0]["message"]
    assert compound == sourced(
        "Selecting compound data not supported in Bulk Query", "clients that look for this text"
    )
    aggregate = start(org, "SELECT COUNT(Id) FROM Contact").json()[0]["message"]
    assert aggregate.startswith(
        sourced("Aggregate Relationships not supported in Bulk Query", "Data Loader's source")
    )


def test_numbers_are_written_as_java_writes_them(org: Client) -> None:
    text = {
        "1": sourced("1.0", "docs.celigo.com, Bulk API 2.0 Guide"),
        "-10.5": "-10.5",
        "1234567": sourced("1234567.0", "Salesforce help 000221617"),
        "12345678": sourced("1.2345678E7", "Salesforce help 000221617"),
        "-98765432109.5": "-9.87654321095E10",
        "0": "0.0",
    }
    rows = "".join(f"java:{n},N,{value}\n" for n, value in enumerate(text))
    header = "Migration_Key__c,Name,AnnualRevenue\n"
    job = org.bulk("Account", "upsert", header + rows, "Migration_Key__c")
    # The field holds whole numbers only, so halves are rounded away from zero.
    assert job.counts[2] == 0
    kept = {**text, "-10.5": "-11.0", "-98765432109.5": "-9.876543211E10"}
    soql = (
        "SELECT AnnualRevenue, NumberOfEmployees, CreatedDate FROM Account "
        "WHERE Migration_Key__c LIKE 'java:%' ORDER BY Migration_Key__c"
    )
    made = start(org, soql).json()
    org.wait(made, "query")
    page = org.call("GET", f"/jobs/query/{made['id']}/results").text
    found = list(csv.DictReader(io.StringIO(page)))
    assert [row["AnnualRevenue"] for row in found] == list(kept.values())
    assert {row["NumberOfEmployees"] for row in found} == {""}


def test_parents_of_several_kinds_are_columns(org: Client) -> None:
    contact = org.create("Contact", LastName="Bulk Who")
    org.create("Task", Subject="Bulk who", WhoId=contact)
    soql = "SELECT Subject, Who.Name, Who.Type, Owner.Name FROM Task WHERE Subject = 'Bulk who'"
    made = start(org, soql).json()
    org.wait(made, "query")
    page = org.call("GET", f"/jobs/query/{made['id']}/results").text
    assert page == (
        '"Subject","Who.Name","Who.Type","Owner.Name"\n'
        '"Bulk who","Bulk Who","Contact","Integration User"\n'
    )


def test_another_version_is_a_conflict(org: Client) -> None:
    job = start(org, "SELECT Id FROM Account LIMIT 1").json()
    org.wait(job, "query")
    answer = org.call("GET", f"/services/data/v66.0/jobs/query/{job['id']}/results")
    assert answer.status_code == 409


def test_a_broken_locator(org: Client) -> None:
    job = start(org, "SELECT Id FROM Account LIMIT 1").json()
    org.wait(job, "query")
    path = f"/jobs/query/{job['id']}/results?locator=abc"
    answer = org.call("GET", path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_query_jobs_count_against_their_limit(org: Client) -> None:
    before = org.get("/limits")["DailyBulkV2QueryJobs"]["Remaining"]
    org.wait(start(org, "SELECT Id FROM Account LIMIT 1").json(), "query")
    assert org.get("/limits")["DailyBulkV2QueryJobs"]["Remaining"] == before - 1
