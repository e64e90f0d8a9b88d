"""Runs that meet faults or are killed, at every move of a job: the org ends as if nothing had
been."""

import copy
import re
import signal
import time
from typing import Any

import pytest

from .conftest import Migration, Rows

INGEST = r"^/jobs/ingest"
JOB = r"^/jobs/ingest/750\w+"


def through(migration: Migration) -> None:
    """Sends the commands to the local org as to any other: with a token that is not renewed."""
    door = migration.door
    migration.environment = {
        "SF_INSTANCE_URL": door["url"],
        "SF_ACCESS_TOKEN": door["access_token"],
    }


def wait_until_done(migration: Migration, method: str, path: str) -> None:
    """Waits until the org has done what a request asked for."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for each in migration.control("GET", "requests")["requests"]:
            if each["method"] == method and re.search(path, each["path"]):
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody asked for {method} {path}")


def assert_whole(migration: Migration) -> None:
    """The org has every row once, and a further run has nothing to do."""
    assert migration.json("run")["sent"] == 0
    migration.environment = {}
    verified = migration.json("verify")
    assert verified["equal"], verified
    for sobject, count in (("Account", 3), ("Contact", 12), ("Insurance_Detail__c", 12)):
        assert len(migration.soql(f"SELECT Id FROM {sobject}")) == count


KILLS = [
    ("POST", INGEST + "$"),
    ("PUT", JOB + "/batches"),
    ("PATCH", JOB),
    ("GET", JOB + "/successfulResults"),
]


def test_killed_again_and_again(ready: Migration) -> None:
    through(ready)
    for method, path in KILLS:
        ready.arm({"method": method, "path": path, "stall": 20, "when": "after"})
        process = ready.start("run")
        wait_until_done(ready, method, path)
        process.kill()
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, path
    ready.arm()
    assert ready.json("status")["runs"][-1]["state"] == "interrupted"
    assert "Carrying on" in "".join(ready.start("run").communicate(timeout=60))
    assert_whole(ready)


def two_jobs(migration: Migration, rows: Rows) -> None:
    """Makes the next run one of two jobs in one round: a field that goes with new records only,
    a patient who changed and one who is new."""
    marts = copy.deepcopy(migration.marts)
    next(c for c in marts["t__patient"][1] if c[0] == "Chart_Number__c")[2]["create_only"] = True
    migration.marts = marts
    held_back = {mart: rows[mart].pop() for mart in ("t__patient", "t__insurance", "t__guarantor")}
    migration.build(rows)
    migration.sf("run")
    rows["t__patient"][0]["FirstName"] = "Anna"
    for mart, row in held_back.items():
        rows[mart].append(row)
    migration.build(rows)
    through(migration)


@pytest.mark.long
def test_killed_with_one_job_to_be_saved_and_the_next_at_the_org(
    ready: Migration, rows: Rows
) -> None:
    two_jobs(ready, rows)
    ready.arm({"method": "GET", "path": JOB + "/successfulResults", "stall": 20})
    process = ready.start("run", "--only", "t__patient")
    wait_until_done(ready, "GET", JOB + "/successfulResults")
    process.kill()
    process.communicate(timeout=60)
    # The second job was on its way before the first one's results were fetched.
    assert uploads(ready) == 2
    ready.arm()
    assert ready.json("run", "--only", "t__patient")["runs"][0]["rows"] == 2
    assert uploads(ready) == 0
    ready.sf("run")
    assert_whole(ready)


def uploads(migration: Migration) -> int:
    """How many jobs got their rows since faults were last armed."""
    asked = migration.control("GET", "requests")["requests"]
    return sum(e["method"] == "PUT" and e["path"].endswith("/batches") for e in asked)


def test_a_job_that_is_refused_leaves_the_one_before_saved(ready: Migration, rows: Rows) -> None:
    two_jobs(ready, rows)
    body = '[{"errorCode": "INVALID_OPERATION", "message": "no"}]'
    ready.arm({"method": "POST", "path": INGEST + "$", "status": 400, "body": body, "after": 1})
    assert "the org refused a job" in ready.sf("run", "--only", "t__patient", code=1)
    ready.arm()
    said = ready.json("run", "--only", "t__patient")
    assert [(s["created"], s["updated"]) for s in said["runs"][0]["steps"]] == [(1, 0)]
    ready.sf("run")
    assert_whole(ready)


FAULTS: list[dict[str, Any]] = [
    {"method": "POST", "path": INGEST + "$", "status": 503, "html": True},
    {"method": "POST", "path": INGEST + "$", "reset": "after"},
    {"method": "PUT", "path": JOB + "/batches", "reset": "after"},
    {"method": "PUT", "path": JOB + "/batches", "status": 503},
    {"method": "PATCH", "path": JOB, "reset": "before"},
    {"method": "PATCH", "path": JOB, "reset": "after"},
    {"method": "GET", "path": JOB + "$", "status": 503, "times": 2},
    {"method": "GET", "path": JOB + "/successfulResults", "truncate": "half"},
    {"method": "GET", "path": JOB + "/failedResults", "reset": "after"},
    {"method": "GET", "path": JOB + "/successfulResults", "lose_row": True, "times": 3},
    {"method": "GET", "path": "^/query", "status": 503},
]


def test_passing_faults_leave_no_trace(ready: Migration) -> None:
    through(ready)
    ready.arm(*FAULTS)
    ready.sf("run")
    assert [each for each in ready.control("GET", "faults") if each["left"]] == []
    assert_whole(ready)


def test_a_token_is_renewed_in_the_middle_of_a_job(ready: Migration) -> None:
    secret = ready.door["access_token"]
    ready.environment = {
        "SF_INSTANCE_URL": ready.door["url"],
        "SF_CONSUMER_KEY": "key",
        "SF_CONSUMER_SECRET": secret,
    }
    ready.arm(
        {"method": "PUT", "path": JOB + "/batches", "expired": True},
        {"method": "GET", "path": JOB + "$", "expired": True},
        {"method": "GET", "path": "/describe", "expired": True},
    )
    assert secret not in ready.sf("run")
    asked = ready.control("GET", "requests")["requests"]
    assert len([each for each in asked if each["path"] == "/services/oauth2/token"]) == 4
    assert_whole(ready)


def test_a_used_up_quota_stops_the_run_and_the_next_one_carries_on(ready: Migration) -> None:
    through(ready)
    ready.arm({"method": "GET", "path": JOB + "$", "quota": True})
    assert "REQUEST_LIMIT_EXCEEDED" in ready.sf("run", code=5)
    assert ready.json("status")["runs"][-1]["state"] == "stopped"
    assert ready.json("run")["sent"] == 36


def test_the_local_org_may_end_and_start_at_any_time(ready: Migration) -> None:
    ready.sf("run")
    ready.stop_org()
    assert_whole(ready)


def test_a_token_that_dies_stops_the_run_and_the_next_one_carries_on(
    ready: Migration, rows: Rows
) -> None:
    through(ready)
    ready.arm({"method": "PUT", "path": JOB + "/batches", "expired": True})
    assert "refused the token (401)" in ready.sf("run", code=1)
    # A rebuild in between changes nothing of the run that was frozen before it.
    rows["t__family"][0]["Phone"] = "(555) 555-1111"
    ready.build(rows)
    said = ready.json("run")
    assert [r["rows"] for r in said["runs"]] == [36, 1]
    assert_whole(ready)


@pytest.mark.parametrize("answer", [{"html": True}, {"body": '{"totalSize": 1, "rec'}])
def test_an_answer_that_is_no_json_is_named(shared: Migration, answer: dict[str, Any]) -> None:
    try:
        through(shared)
        shared.arm({"method": "GET", "path": "^/query", "status": 200, **answer})
        assert "where JSON should be" in shared.sf("pull", code=1)
    finally:
        shared.environment = {}
        shared.arm()
