"""Plans of what goes wrong: taken by file and by call, refused by entry and key."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
import requests

from tests.python.local_org.client import Client, Server
from tests.python.local_org.test_faults import NAMES, broken, names
from tests.python.local_org.test_process import run

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
