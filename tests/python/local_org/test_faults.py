"""Faults of requests, as a plain client meets them; plans, taken and refused."""

from __future__ import annotations

import errno
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from urllib3.exceptions import HTTPError

from tests.python.local_org.client import Client, Server
from tests.python.local_org.test_process import run
from tests.python.local_org.wording import assumed, sourced

EXPIRED = sourced("Session expired or invalid", "REST API Developer Guide, status codes")
QUOTA = sourced("TotalRequests Limit exceeded.", "airbyte, source-salesforce unit tests")
BUSY = sourced("Server too busy", "restforce issue 156")
UNKNOWN = sourced(
    "An unexpected error occurred. Please include this ErrorId if you contact support: ",
    "tap-salesforce, README",
)
NAMES = "SELECT Name FROM Account WHERE Name LIKE 'Fault %' ORDER BY Name"


@pytest.fixture
def faulty(org: Client) -> Iterator[Client]:
    """The shared org, without a fault before and after."""
    org.call("DELETE", "/local-org/faults")
    yield org
    org.call("DELETE", "/local-org/faults")
    org.call("POST", "/local-org/faults", json={"record": False})
    org.call("DELETE", "/local-org/requests")
    org.session.close()


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
    error = broken(faulty, "POST", "/sobjects/Account", json={"Name": "Fault reset 0"})
    assert isinstance(error, ConnectionResetError) and error.errno == errno.ECONNRESET
    assert "Fault reset 0" not in names(faulty)


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


WRONG = [
    ([1], "fault 1: takes keys and values"),
    ([{"path": "x"}], "fault 1: one of status, expired"),
    ([{"path": "x", "status": 503, "reset": "after"}], "there is status and reset"),
    ([{"status": 503}], "fault 1: path: takes a regular expression"),
    ([{"path": "(", "status": 503}], "fault 1: path: takes a regular expression"),
    ([{"path": "x", "status": 503}, {"path": "x", "status": 99}], "fault 2: status: takes"),
    ([{"path": "x", "status": 400}], "fault 1: body: takes"),
    ([{"path": "x", "status": 503, "time": 1}], "fault 1: time: no such key"),
    ([{"path": "x", "status": 503, "times": -1}], "fault 1: times: takes a whole number"),
    ([{"path": "x", "status": 503, "times": True}], "fault 1: times: takes a whole number"),
    ([{"path": "x", "status": 503, "when": "now"}], "fault 1: when: takes one of before, after"),
    ([{"path": "x", "reset": "now"}], "fault 1: reset: takes one of before, after"),
    ([{"path": "x", "reset": None}], "fault 1: reset: takes a value"),
    ([{"path": "x", "expired": "yes"}], "fault 1: expired: takes true"),
    ([{"path": "x", "stall": 0}], "fault 1: stall: takes a number above 0"),
    ([{"path": "x", "truncate": "most"}], "fault 1: truncate: takes a whole number"),
    ([{"locked": True, "keys": "(?=a)"}], "fault 1: keys: takes a regular expression (RE2)"),
    ([{"locked": True, "share": 2}], "fault 1: share: takes a number above 0, up to 1"),
    ([{"locked": True, "every": 0}], "fault 1: every: takes a whole number from 1"),
    ([{"locked": True, "times": 2}], "fault 1: times: no such key"),
    ([{"locked": True, "operation": "merge"}], "fault 1: operation: takes one of insert"),
    ([{"row_error": "oops", "message": "x"}], "fault 1: row_error: takes a status code"),
    ([{"row_error": "OOPS"}], "fault 1: message: takes"),
    ([{"row_error": "OOPS", "message": "x\x1fy"}], "fault 1: message: takes"),
    ([{"row_error": "OOPS", "message": "x", "fields": ["a b"]}], "fault 1: fields: takes a list"),
    ([{"fail_job": "soon"}], "fault 1: fail_job: takes a whole number"),
    ([{"hold_job": None}], "fault 1: hold_job: takes a value"),
    ([{"hold_job": 0}], "fault 1: hold_job: takes a number above 0"),
    ([{"storage_full": -1}], "fault 1: storage_full: takes a whole number"),
    ({}, "faults: takes a list"),
]


@pytest.mark.parametrize(("entries", "says"), WRONG)
def test_a_wrong_fault_is_refused_by_entry_and_key(
    faulty: Client, entries: object, says: str
) -> None:
    if not entries:
        entries = "none"
    answer = faulty.call("POST", "/local-org/faults", json={"faults": entries})
    assert answer.status_code == 400, answer.text
    [error] = answer.json()
    assert error["errorCode"] == "INVALID_PLAN" and says in error["message"]
    assert faulty.get("/local-org/faults") == []


def test_a_wrong_plan_is_refused(faulty: Client) -> None:
    for body, says in (
        ({"fault": []}, "fault: no such key"),
        ({"switches": {"nothing": 1}}, "switches: no switch is named 'nothing'"),
        ({"record": 1}, "record: takes true or false"),
    ):
        answer = faulty.call("POST", "/local-org/faults", json=body)
        assert answer.status_code == 400 and says in answer.json()[0]["message"]
    for method in ("GET", "POST", "DELETE"):
        stranger = requests.request(method, f"{faulty.url}/local-org/faults", timeout=10)
        assert stranger.status_code == 401


PLAN = """
switches:
  daily_api_requests: 1234
record: true
faults:
  - {path: ^/limits$, method: GET, status: 503, times: 2}
  - {path: ^/sobjects$, kill: KILL}
  - {path: ^/query$, quota: true, after: 1}
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_plan_outlives_its_own_kill(server: Server, tmp_path: Path, moment: str) -> None:
    plan = tmp_path / "plan.yml"
    plan.write_text(PLAN.replace("KILL", moment))
    client = server.start("--plan", str(plan))
    assert client.get("/local-org/switches")["daily_api_requests"] == 1234
    assert client.call("GET", "/limits").status_code == 503
    assert client.call("GET", "/query", params={"q": NAMES}).status_code == 200
    assert [each["path"] for each in client.get("/local-org/requests")["requests"]] == [
        "/limits",
        "/query",
    ]
    broken(client, "GET", "/sobjects")
    client.session.close()
    assert server.process is not None
    assert server.process.wait(10) == -signal.SIGKILL
    server.end()
    client = server.start("--plan", str(plan))
    assert [each["struck"] for each in client.get("/local-org/faults")] == [1, 1, 0]
    assert client.call("GET", "/sobjects").status_code == 200
    seen = [client.call("GET", "/limits").status_code for _ in range(2)]
    assert seen == [503, 200]
    assert client.call("GET", "/query", params={"q": NAMES}).status_code == 403
    client.session.close()
    server.end()
    # Told to stop and started again, the plan starts anew; without one there is no fault.
    client = server.start("--plan", str(plan))
    assert [each["struck"] for each in client.get("/local-org/faults")] == [0, 0, 0]
    client.session.close()
    server.end()
    client = server.start()
    assert client.get("/local-org/faults") == []
    client.session.close()


def test_a_kill_after_leaves_what_was_done(server: Server) -> None:
    client = server.start()
    client.fault(path="/sobjects/Account$", method="POST", kill="after")
    broken(client, "POST", "/sobjects/Account", json={"Name": "Fault killed"})
    client.session.close()
    server.end()
    client = server.start()
    assert names(client) == ["Fault killed"]
    client.session.close()


def test_the_plan_in_the_docs_is_one(server: Server, tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "faults.md"
    found = re.search("```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    assert found is not None
    plan = tmp_path / "plan.yml"
    plan.write_text(found[1])
    client = server.start("--plan", str(plan))
    assert len(client.get("/local-org/faults")) == 4
    client.session.close()


def test_a_wrong_plan_file_ends_the_command(server: Server, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yml"
    for text, says in (
        ("faults:\n- {path: x, status: 503}\n- {path: x, reset: now}\n", "fault 2: reset: takes"),
        ("faults: [\n", "no readable YAML (line 2)"),
        ("faults: [{path: x, status: 400, body: &a [*a]}]", "takes text, numbers"),
        ("faults: [{path: x, status: 400, body: 2020-01-01}]", "takes text, numbers"),
        ("- a\n", "a plan has the keys switches, faults and record"),
    ):
        plan.write_text(text)
        done = run("serve", "--store", str(server.store), "--plan", str(plan))
        assert done.returncode == 2
        assert done.stderr.startswith(f"{plan}: ") and says in done.stderr
    done = run("serve", "--store", str(server.store), "--plan", str(tmp_path / "none.yml"))
    assert done.returncode == 2 and "No such file" in done.stderr
    assert not server.store.exists()
