"""Runs that meet faults or are killed, at every move of a job: the org ends as if nothing had
been."""

import functools
import os
import signal

import pytest

from .conftest import Migration, Rows
from .faults import Fault, proxy

INGEST = r"/jobs/ingest"
JOB = r"/jobs/ingest/750\w+"


def through(migration: Migration, url: str) -> None:
    """Sends the commands through a proxy, with the local org's own token."""
    migration.environment = {
        "SF_INSTANCE_URL": url,
        "SF_ACCESS_TOKEN": migration.door["access_token"],
    }


def assert_whole(migration: Migration) -> None:
    """The org has every row once, and a further run has nothing to do."""
    assert migration.json("run")["sent"] == 0
    migration.environment = {}
    verified = migration.json("verify")
    assert verified["equal"], verified
    for sobject, count in (("Account", 3), ("Contact", 12), ("Insurance_Detail__c", 12)):
        assert len(migration.soql(f"SELECT Id FROM {sobject}")) == count


KILLS = [
    Fault("POST", INGEST + "$", "call"),
    Fault("PUT", JOB + "/batches", "call"),
    Fault("PATCH", JOB, "call"),
    Fault("GET", JOB + "/successfulResults", "call"),
]


def test_killed_again_and_again(ready: Migration) -> None:
    with proxy(ready.door["url"]) as org:
        through(ready, org.url)
        for fault in KILLS:
            process = ready.start("run")
            fault.action = functools.partial(os.kill, process.pid, signal.SIGKILL)
            fault.times = 1
            org.faults = [fault]
            process.communicate(timeout=60)
            assert process.returncode == -signal.SIGKILL, fault
        org.faults = []
        assert ready.json("status")["runs"][-1]["state"] == "interrupted"
        assert "Carrying on" in "".join(ready.start("run").communicate(timeout=60))
        assert_whole(ready)


FAULTS = [
    Fault("POST", INGEST + "$", "503"),
    Fault("POST", INGEST + "$", "reset after"),
    Fault("PUT", JOB + "/batches", "reset after"),
    Fault("PUT", JOB + "/batches", "503"),
    Fault("PATCH", JOB, "reset before"),
    Fault("PATCH", JOB, "reset after"),
    Fault("GET", JOB + "$", "503", times=2),
    Fault("GET", JOB + "/successfulResults", "truncate"),
    Fault("GET", JOB + "/failedResults", "reset after"),
    Fault("GET", JOB + "/successfulResults", "lose a row", times=3),
    Fault("GET", "/query", "503"),
]


def test_passing_faults_leave_no_trace(ready: Migration) -> None:
    with proxy(ready.door["url"]) as org:
        through(ready, org.url)
        org.faults = FAULTS
        ready.sf("run")
        assert [f for f in FAULTS if f.times] == []
        assert_whole(ready)


def test_a_token_is_renewed_in_the_middle_of_a_job(ready: Migration) -> None:
    with proxy(ready.door["url"]) as org:
        org.token = ready.door["access_token"]
        ready.environment = {
            "SF_INSTANCE_URL": org.url,
            "SF_CONSUMER_KEY": "key",
            "SF_CONSUMER_SECRET": "a-secret",
        }
        org.faults = [
            Fault("PUT", JOB + "/batches", "401"),
            Fault("GET", JOB + "$", "401"),
            Fault("GET", "/describe", "401"),
        ]
        assert "a-secret" not in ready.sf("run")
        assert org.logins == 4
        assert_whole(ready)


def test_a_used_up_quota_stops_the_run_and_the_next_one_carries_on(ready: Migration) -> None:
    with proxy(ready.door["url"]) as org:
        through(ready, org.url)
        org.faults = [Fault("GET", JOB + "$", "quota")]
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
    with proxy(ready.door["url"]) as org:
        through(ready, org.url)
        org.faults = [Fault("PUT", JOB + "/batches", "401")]
        assert "refused the token (401)" in ready.sf("run", code=1)
        # A rebuild in between changes nothing of the run that was frozen before it.
        rows["t__family"][0]["Phone"] = "(555) 555-1111"
        ready.build(rows)
        said = ready.json("run")
        assert [r["rows"] for r in said["runs"]] == [36, 1]
        assert_whole(ready)


@pytest.mark.parametrize("answer", ["html", "truncate"])
def test_an_answer_that_is_no_json_is_named(shared: Migration, answer: str) -> None:
    try:
        with proxy(shared.door["url"]) as org:
            through(shared, org.url)
            org.faults = [Fault("GET", "/query", answer)]
            assert "where JSON should be" in shared.sf("pull", code=1)
    finally:
        shared.environment = {}
