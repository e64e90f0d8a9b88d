"""Bulk API 2.0 ingest: states, one upload, headers, line endings, result files."""

import json

import pytest
import requests

from tests.python.local_org.client import Client
from tests.python.local_org.wording import assumed

# Texts seen from real orgs.
SOURCED_HEADERS = {
    "Migration_Key__c,Nope": "InvalidBatch : Field name not found : Nope",
    "Migration_Key__c,Contact:Account.Migration_Key__c": (
        "InvalidBatch : type is not needed for non polymorphic foreign key references: Account"
    ),
    "Migration_Key__c,Parent:Account2.Migration_Key__c": (
        "InvalidBatch : Unable to find relationship: Account2"
    ),
}
# The rule is sourced, the text is not.
ASSUMED_HEADERS = {
    "Migration_Key__c,Hidden__c": "InvalidBatch : Field name not found : Hidden__c",
    "Migration_Key__c,Account.Phone": "InvalidBatch : Field name not found : Account.Phone",
    "Migration_Key__c,LastName,lastname": "InvalidBatch : Duplicate field name found : lastname",
    "LastName": "InvalidBatch : Field name not found : Migration_Key__c",
}
SOURCED_LINE_ENDING = (
    "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is "
)
SOURCED_TWO_UPLOADS = "Found multipe contents for job: <"
SOURCED_NOT_FOUND = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


def test_a_job_from_open_to_complete(org: Client) -> None:
    job = org.open_job("Contact", "upsert", "Migration_Key__c")
    assert job["state"] == "Open" and job["id"].startswith("750") and len(job["id"]) == 18
    assert job["contentUrl"] == f"services/data/v67.0/jobs/ingest/{job['id']}/batches"
    assert (job["apiVersion"], job["lineEnding"], job["columnDelimiter"]) == (67.0, "LF", "COMMA")
    upload = org.upload(job, b"Migration_Key__c,LastName\ning:1,Zo\xc3\xab\n")
    assert (upload.status_code, upload.content) == (201, b"")
    closed = org.close(job).json()
    assert closed["state"] == "UploadComplete" and "contentUrl" not in closed
    info = org.wait(job)
    assert info["state"] == "JobComplete" and info["jobType"] == "V2Ingest"
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (1, 0)
    assert org.query("SELECT LastName FROM Contact WHERE Migration_Key__c = 'ing:1'") == [
        {"LastName": "Zoë"}
    ]


def test_results_carry_the_uploaded_columns(org: Client) -> None:
    text = 'Migration_Key__c,LastName,FirstName\nres:1,"A ""q"", b",\nres:2,,"two\nlines"\n'
    job = org.bulk("Contact", "upsert", text, "Migration_Key__c")
    good, bad = job.text("successfulResults"), job.text("failedResults")
    assert good.splitlines()[0] == '"sf__Id","sf__Created",Migration_Key__c,LastName,FirstName'
    assert bad.splitlines()[0] == '"sf__Id","sf__Error",Migration_Key__c,LastName,FirstName'
    assert job.text("unprocessedrecords") == "Migration_Key__c,LastName,FirstName\n"
    assert [(r["sf__Created"], r["LastName"]) for r in job.succeeded] == [("true", 'A "q", b')]
    assert [(r["sf__Id"], r["FirstName"]) for r in job.failed] == [("", "two\nlines")]
    again = org.bulk("Contact", "upsert", text, "Migration_Key__c")
    assert [r["sf__Created"] for r in again.succeeded] == ["false"]
    assert again.succeeded[0]["sf__Id"] == job.succeeded[0]["sf__Id"]


def test_results_come_in_another_order(org: Client) -> None:
    rows = [f"ord:{number}" for number in range(50)]
    text = "Migration_Key__c,LastName\n" + "".join(f"{key},X\n" for key in rows)
    job = org.bulk("Contact", "upsert", text, "Migration_Key__c")
    found = [row["Migration_Key__c"] for row in job.succeeded]
    assert sorted(found) == sorted(rows) and found != rows


@pytest.mark.parametrize(
    ("header", "message"), [*SOURCED_HEADERS.items(), *ASSUMED_HEADERS.items()]
)
def test_a_bad_header_fails_the_job_unread(org: Client, header: str, message: str) -> None:
    row = ",".join("x" for _ in header.split(","))
    job = org.bulk("Contact", "upsert", f"{header}\n{row}\n", "Migration_Key__c")
    assert job.counts == ("Failed", 0, 0)
    assert job.info["errorMessage"] == message
    assert job.failed == [] and job.succeeded == []
    assert job.text("unprocessedrecords") == f"{header}\n{row}\n"


@pytest.mark.parametrize(("setting", "ending"), [("LF", "\r\n"), ("CRLF", "\n")])
def test_the_line_ending_must_be_the_jobs(org: Client, setting: str, ending: str) -> None:
    text = ending.join(["Migration_Key__c,LastName", "end:1,A", ""])
    job = org.bulk("Contact", "upsert", text, "Migration_Key__c", lineEnding=setting)
    assert job.counts == ("Failed", 0, 0)
    assert job.info["errorMessage"] == SOURCED_LINE_ENDING + setting
    assert org.query("SELECT Id FROM Contact WHERE Migration_Key__c = 'end:1'") == []


@pytest.mark.parametrize(
    ("setting", "text", "state"),
    [
        ("LF", "Migration_Key__c,LastName\nlin:1,A\r\n", "Failed"),
        ("LF", 'Migration_Key__c,FirstName,LastName\nlin:2,"a\r\nb",A\n', "JobComplete"),
        ("LF", 'Migration_Key__c,FirstName,LastName\nlin:3,"a\r\nb",A\r\n', "Failed"),
        ("CRLF", 'Migration_Key__c,FirstName,LastName\r\nlin:4,"a\nb",A\r\n', "JobComplete"),
        ("CRLF", 'Migration_Key__c,FirstName,LastName\r\nlin:5,"a\nb",A\n', "Failed"),
    ],
)
def test_every_row_must_end_as_the_job_says(
    org: Client, setting: str, text: str, state: str
) -> None:
    job = org.bulk("Contact", "upsert", text, "Migration_Key__c", lineEnding=setting)
    assert job.info["state"] == state, job.info
    if state == "Failed":
        assert job.info["errorMessage"] == SOURCED_LINE_ENDING + setting


def test_one_request_makes_and_fills_a_job(org: Client) -> None:
    body = {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Migration_Key__c"}
    rows = "Migration_Key__c,LastName\nform:1,Zoë\n"

    def send(rows: str) -> requests.Response:
        parts = {
            "job": (None, json.dumps(body), "application/json"),
            "content": ("content", rows.encode(), "text/csv"),
        }
        return org.call("POST", "/jobs/ingest", files=parts)

    answer = send(rows)
    assert (answer.status_code, answer.json()["state"]) == (200, "UploadComplete")
    assert org.wait(answer.json())["numberRecordsProcessed"] == 1
    found = org.query("SELECT LastName FROM Contact WHERE Migration_Key__c = 'form:1'")
    assert found == [{"LastName": "Zoë"}]
    assert send(rows + "x" * 100_000).status_code == 400


def test_crlf_and_other_delimiters(org: Client) -> None:
    text = "Migration_Key__c|LastName\r\ncr:1|A\r\n"
    job = org.bulk(
        "Contact", "upsert", text, "Migration_Key__c", lineEnding="CRLF", columnDelimiter="PIPE"
    )
    assert job.counts == ("JobComplete", 1, 0)
    assert job.text("successfulResults").splitlines()[0] == (
        '"sf__Id"|"sf__Created"|Migration_Key__c|LastName'
    )


def test_a_ragged_file_fails_whole(org: Client) -> None:
    text = "Migration_Key__c,LastName\nrag:1,A\nrag:2,B,C\n"
    job = org.bulk("Contact", "upsert", text, "Migration_Key__c")
    assert job.counts == ("Failed", 0, 0)
    assert org.query("SELECT Id FROM Contact WHERE Migration_Key__c LIKE 'rag:%'") == []


def test_a_second_upload_makes_closing_fail(org: Client) -> None:
    job = org.open_job("Account", "insert")
    assert org.upload(job, b"Name\nOne\n").status_code == 201
    assert org.upload(job, b"Name\nTwo\n").status_code == 201
    answer = org.close(job)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALIDJOB"
    assert answer.json()[0]["message"].startswith(SOURCED_TWO_UPLOADS)


def test_abort_leaves_every_row_unprocessed(org: Client) -> None:
    job = org.open_job("Account", "insert")
    org.upload(job, b"Name\nNever\n")
    answer = org.call("PATCH", f"/jobs/ingest/{job['id']}", json={"state": "Aborted"})
    assert answer.json()["state"] == "Aborted"
    path = f"/jobs/ingest/{job['id']}/unprocessedRecords"
    assert org.call("GET", path).text == "Name\nNever\n"
    assert org.query("SELECT Id FROM Account WHERE Name = 'Never'") == []
    again = org.call("PATCH", f"/jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    assert (again.status_code, again.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")


def test_delete_answers_204_and_then_404(org: Client) -> None:
    job = org.bulk("Account", "insert", "Name\nGone\n")
    path = f"/jobs/ingest/{job.info['id']}"
    deleted = org.call("DELETE", path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    missing = org.call("GET", path)
    assert (missing.status_code, missing.json()) == (404, SOURCED_NOT_FOUND)


def test_an_open_job_cannot_be_deleted(org: Client) -> None:
    job = org.open_job("Account", "insert")
    assert org.call("DELETE", f"/jobs/ingest/{job['id']}").status_code == 400


def test_jobs_are_listed(org: Client) -> None:
    job = org.open_job("Account", "insert")
    page = org.get("/jobs/ingest")
    assert page["done"] is True
    assert job["id"] in {each["id"] for each in page["records"]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Nope__c", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Account", "operation": "merge"}, "INVALIDJOB"),
        ({"object": "Account", "operation": "upsert"}, "INVALIDJOB"),
        (
            {"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"},
            "INVALIDJOB",
        ),
        ({"object": "Account", "operation": "hardDelete"}, "FEATURENOTENABLED"),
        ({"object": "Account", "operation": "insert", "lineEnding": "CR"}, "INVALIDJOB"),
    ],
)
def test_jobs_that_cannot_be_created(org: Client, body: dict[str, str], code: str) -> None:
    answer = org.call("POST", "/jobs/ingest", json={"contentType": "CSV", **body})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_closing_without_data_completes_with_nothing(org: Client) -> None:
    job = org.open_job("Account", "insert")
    org.close(job)
    info = org.wait(job)
    assert (info["state"], info["numberRecordsProcessed"]) == ("JobComplete", 0)


def test_batches_of_ten_thousand_are_counted(org: Client) -> None:
    before = org.get("/limits")["DailyBulkApiBatches"]["Remaining"]
    rows = "".join(f"bat:{number},X\n" for number in range(10_001))
    org.bulk("Contact", "upsert", "Migration_Key__c,LastName\n" + rows, "Migration_Key__c")
    assert org.get("/limits")["DailyBulkApiBatches"]["Remaining"] == before - 2


@pytest.mark.parametrize(
    ("name", "operation"),
    [("ContentDocument", "insert"), ("ContentVersion", "insert"), ("User", "delete")],
)
def test_what_an_object_does_not_take_is_no_job(org: Client, name: str, operation: str) -> None:
    body = {"object": name, "operation": operation}
    answer = org.call("POST", "/jobs/ingest", json=body)
    said = assumed(f"Entity '{name}' is not supported by the Bulk API.")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALIDENTITY")
    assert answer.json()[0]["message"] == said
