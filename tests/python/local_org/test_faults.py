"""Faults of requests, as a plain client meets them."""

from __future__ import annotations

import errno
import time

import pytest
import requests
from urllib3.exceptions import HTTPError

from tests.python.local_org.client import Client
from tests.python.local_org.wording import assumed, sourced

EXPIRED = sourced("Session expired or invalid", "REST API Developer Guide, status codes")
QUOTA = sourced("TotalRequests Limit exceeded.", "airbyte, source-salesforce unit tests")
BUSY = sourced("Server too busy", "restforce issue 156")
UNKNOWN = sourced(
    "An unexpected error occurred. Please include this ErrorId if you contact support: ",
    "tap-salesforce, README",
)
NAMES = "SELECT Name FROM Account WHERE Name LIKE 'Fault %' ORDER BY Name"


def broken(client: Client, method: str, path: str, **more: object) -> BaseException:
    """The socket's error of a call that never had its answer."""
    with pytest.raises(requests.RequestException) as caught:
        client.call(method, path, **more)
    found: BaseException | None = caught.value
    while found is not None and not isinstance(found, ConnectionError):
        inner = next((each for each in found.args if isinstance(each, BaseException)), None)
        found = found.__cause__ or found.__context__ or inner
    assert found is not None, repr(caught.value)
    return found


def rows(count: int) -> str:
    return "Name\n" + "".join(f'"Row {n}\nof ""many"""\n' for n in range(count))


def names(client: Client) -> list[str]:
    return [each["Name"] for each in client.query(NAMES)]


@pytest.mark.parametrize(
    ("entry", "status", "code", "message"),
    [
        ({"expired": True}, 401, "INVALID_SESSION_ID", EXPIRED),
        ({"quota": True}, 403, "REQUEST_LIMIT_EXCEEDED", QUOTA),
        ({"status": 500}, 500, "UNKNOWN_EXCEPTION", UNKNOWN),
        ({"status": 503}, 503, "SERVER_UNAVAILABLE", BUSY),
    ],
)
def test_answers_an_error_once(
    faulty: Client, entry: dict[str, object], status: int, code: str, message: str
) -> None:
    faulty.fault(method="GET", path="^/limits$", **entry)
    answer = faulty.call("GET", "/limits")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    [error] = answer.json()
    assert error["errorCode"] == code and error["message"].startswith(message)
    assert faulty.call("GET", "/limits").status_code == 200


@pytest.mark.parametrize(
    ("entry", "shows"),
    [
        ({"status": 502}, assumed("502 Bad Gateway")),
        ({"status": 504}, assumed("504 Gateway Time-out")),
        (
            {"status": 503, "html": True},
            sourced("We are down for maintenance.", "Force.com-Toolkit-for-NET issue 160"),
        ),
    ],
)
def test_a_gateway_answers_html(faulty: Client, entry: dict[str, object], shows: str) -> None:
    faulty.fault(path="^/limits$", **entry)
    answer = faulty.call("GET", "/limits")
    assert answer.status_code == entry["status"]
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert shows in answer.text


def test_a_refusal_is_worded_at_will(faulty: Client) -> None:
    body = [{"errorCode": "TXN_SECURITY_NO_ACCESS", "message": "Not from here."}]
    faulty.fault(path="/sobjects/Account$", status=400, body=body)
    answer = faulty.call("POST", "/sobjects/Account", json={"Name": "Fault refused"})
    assert (answer.status_code, answer.json()) == (400, body)
    assert names(faulty) == []
    faulty.fault(path="/limits", status=200, body='{"DailyApi')
    answer = faulty.call("GET", "/limits")
    assert (answer.status_code, answer.text) == (200, '{"DailyApi')
    faulty.fault(path="/limits", status=200, body="sf__Id\n", csv=True)
    answer = faulty.call("GET", "/limits")
    assert (answer.headers["Content-Type"], answer.text) == ("text/csv; charset=utf-8", "sf__Id\n")


def test_an_answer_is_lost_at_the_gateway_after_the_org_has_acted(faulty: Client) -> None:
    faulty.fault(method="POST", path="/sobjects/Account$", status=504, when="after")
    answer = faulty.call("POST", "/sobjects/Account", json={"Name": "Fault late"})
    assert answer.status_code == 504
    assert names(faulty) == ["Fault late"]


def test_after_and_times_say_how_often(faulty: Client) -> None:
    faulty.fault(path="^/limits$", status=503, after=1, times=2)
    seen = [faulty.call("GET", "/limits").status_code for _ in range(5)]
    assert seen == [200, 503, 503, 200, 200]
    faulty.fault(path="^/limits$", status=500, times=0)
    seen = [faulty.call("GET", "/limits").status_code for _ in range(3)]
    assert seen == [500, 500, 500]
    listed = faulty.get("/local-org/faults")
    assert [(each["status"], each["struck"], each["left"]) for each in listed] == [
        (503, 2, 0),
        (500, 3, None),
    ]
    assert listed[0]["path"] == "^/limits$" and listed[0]["after"] == 1
    faulty.call("DELETE", "/local-org/faults")
    assert faulty.get("/local-org/faults") == []
    assert faulty.call("GET", "/limits").status_code == 200


def test_only_what_is_named_is_struck(faulty: Client) -> None:
    faulty.fault(method="get", path="^/query$", status=503, times="always")
    assert faulty.call("GET", "/limits").status_code == 200
    assert faulty.call("GET", "/queryAll", params={"q": NAMES}).status_code == 200
    assert faulty.call("POST", "/query").status_code == 405
    assert faulty.call("GET", "/query", params={"q": NAMES}).status_code == 503


def test_the_login_is_struck_too(faulty: Client) -> None:
    faulty.fault(path="^/services/oauth2/token$", status=503)
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": faulty.token}
    assert faulty.call("POST", "/services/oauth2/token", data=form).status_code == 503
    assert faulty.call("POST", "/services/oauth2/token", data=form).status_code == 200


def test_a_reset_before_leaves_nothing(faulty: Client) -> None:
    faulty.fault(method="POST", path="/sobjects/Account$", reset="before")
    # Struck while it still sends, a client may notice by its pipe, or when it wants the answer.
    broken(faulty, "POST", "/sobjects/Account", json={"Name": "Fault reset 0"})
    assert "Fault reset 0" not in names(faulty)
    faulty.fault(method="GET", path="^/limits$", reset="before")
    error = broken(faulty, "GET", "/limits")
    assert isinstance(error, ConnectionResetError) and error.errno == errno.ECONNRESET


def test_a_reset_after_leaves_what_was_done(faulty: Client) -> None:
    faulty.fault(method="POST", path="/sobjects/Account$", reset="after")
    error = broken(faulty, "POST", "/sobjects/Account", json={"Name": "Fault reset 1"})
    assert isinstance(error, ConnectionResetError) and error.errno == errno.ECONNRESET
    assert "Fault reset 1" in names(faulty)


@pytest.mark.parametrize(("moment", "again"), [("before", 201), ("after", 201)])
def test_an_upload_is_reset(faulty: Client, moment: str, again: int) -> None:
    job = faulty.open_job("Account", "insert")
    faulty.fault(method="PUT", path="/batches$", reset=moment)
    data = b"Name\n" + b"x" * 20_000_000 + b"\n"
    path = f"/{job['contentUrl']}"
    error = broken(faulty, "PUT", path, data=data, headers={"Content-Type": "text/csv"})
    assert isinstance(error, ConnectionResetError | BrokenPipeError)
    assert faulty.upload(job, b"Name\n").status_code == again
    # The second upload of one that the org has taken already shows only when the job is closed.
    assert faulty.close(job).status_code == (200 if moment == "before" else 400)


def test_an_upload_that_is_refused_leaves_the_connection_in_order(faulty: Client) -> None:
    job = faulty.open_job("Account", "insert")
    faulty.fault(method="PUT", path="/batches$", status=503)
    data = b"Name\n" + b"Fault put\n" * 1_000_000
    assert faulty.upload(job, data).status_code == 503
    assert faulty.upload(job, b"Name\nFault put\n").status_code == 201
    assert faulty.close(job).status_code == 200
    assert faulty.wait(job)["numberRecordsProcessed"] == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_is_late(faulty: Client, when: str) -> None:
    name = f"Fault stalled {when}"
    faulty.fault(path="/sobjects/Account$", stall=1.5, when=when)
    with pytest.raises(requests.ReadTimeout):
        faulty.session.post(
            f"{faulty.url}/services/data/v67.0/sobjects/Account",
            headers={"Authorization": f"Bearer {faulty.token}"},
            json={"Name": name},
            timeout=0.7,
        )
    assert (name in names(faulty)) == (when == "after")
    time.sleep(1)
    assert name in names(faulty)


def test_a_stream_breaks_off(faulty: Client) -> None:
    job = faulty.bulk("Account", "insert", rows(300_000))
    path = f"/jobs/ingest/{job.info['id']}/successfulResults"
    whole = faulty.call("GET", path).content
    for given, length in (("half", len(whole) // 2), (7, 7), (0, 0)):
        faulty.fault(path="/successfulResults", truncate=given)
        answer = faulty.call("GET", path, stream=True)
        assert answer.status_code == 200
        assert answer.headers["Content-Length"] == str(len(whole))
        assert "Transfer-Encoding" not in answer.headers
        got = bytearray()
        with pytest.raises(HTTPError):
            while block := answer.raw.read(65_536):
                got += block
        assert bytes(got) == whole[: len(got)]
        # The client's last block may be lost with the reset, the ones before it are there.
        assert length - 65_536 < len(got) <= length
        answer.close()
    assert faulty.call("GET", path).content == whole


def test_json_breaks_off(faulty: Client) -> None:
    faulty.fault(path="/describe$", truncate="half")
    error = broken(faulty, "GET", "/sobjects/Account/describe")
    assert isinstance(error, ConnectionResetError) and error.errno == errno.ECONNRESET


def test_the_last_row_is_lost_and_nothing_shows_it(faulty: Client) -> None:
    job = faulty.bulk("Account", "insert", rows(3))
    faulty.fault(path="/successfulResults$", lose_row=True)
    assert len(job.succeeded) == 2
    assert [each["Name"] for each in job.succeeded if "\n" not in each["Name"]] == []
    assert len(job.succeeded) == 3
    faulty.fault(path="/failedResults$", lose_row=True)
    assert job.text("failedResults").count("\n") == 1
    made = faulty.call(
        "POST",
        "/jobs/query",
        json={"operation": "query", "query": "SELECT Name FROM Account LIMIT 9"},
    ).json()
    found = faulty.wait(made, "query")["numberRecordsProcessed"]
    faulty.fault(path="/jobs/query/.*/results$", lose_row=True)
    answer = faulty.call("GET", f"/jobs/query/{made['id']}/results")
    assert answer.headers["Sforce-NumberOfRecords"] == str(found)
    whole = faulty.call("GET", f"/jobs/query/{made['id']}/results").content
    assert whole.startswith(answer.content) and len(answer.content) < len(whole)
    asked = {"params": {"q": "SELECT Name FROM Account LIMIT 2"}}
    whole = faulty.call("GET", "/query", **asked).json()
    faulty.fault(path="^/query$", lose_row=True)
    lost = faulty.call("GET", "/query", **asked).json()
    assert lost == whole | {"records": whole["records"][:1]} and lost["totalSize"] == 2


def test_requests_are_noted_if_asked(faulty: Client) -> None:
    faulty.call("GET", "/limits")
    assert faulty.get("/local-org/requests")["requests"] == []
    answer = faulty.call("POST", "/local-org/faults", json={"record": True})
    assert answer.status_code == 201
    faulty.fault(path="^/sobjects$", reset="after")
    faulty.fault(path="^/query$", reset="before")
    faulty.call("GET", "/limits")
    faulty.call("GET", "/sobjects/Nothing/describe")
    broken(faulty, "GET", "/sobjects")
    broken(faulty, "GET", "/query", params={"q": NAMES})
    noted = faulty.get("/local-org/requests")
    assert noted["record"] is True and noted["dropped"] == 0
    assert [tuple(each.values()) for each in noted["requests"]] == [
        ("GET", "/limits", 200),
        ("GET", "/sobjects/Nothing/describe", 404),
        ("GET", "/sobjects", 200),
        ("GET", "/query", None),
    ]
    assert faulty.call("DELETE", "/local-org/requests").status_code == 204
    assert faulty.get("/local-org/requests")["requests"] == []
