"""Faults of jobs: one that fails, is aborted, is held, or ends with its server, part of the way."""

from __future__ import annotations

import signal
import time

from tests.python.local_org.client import Client, Job, Server
from tests.python.local_org.wording import assumed, sourced

LOCKS = assumed("TooManyLockFailure : Too many lock failure 200 Trying again later.")
HEADER = sourced("InvalidBatch : Field name not found : X", "RELBLOG, a sandbox experiment")


def names(start: str, count: int) -> str:
    return "Name\n" + "".join(f"{start} {n}\n" for n in range(count))


def count(client: Client, start: str) -> int:
    soql = f"SELECT count() FROM Account WHERE Name LIKE '{start} %'"
    return int(client.get("/query", params={"q": soql})["totalSize"])


def parts(job: Job) -> tuple[int, int, int]:
    kinds = ("successfulResults", "failedResults", "unprocessedrecords")
    return tuple(len(job.rows(kind)) for kind in kinds)  # type: ignore[return-value]


def held(client: Client, start: str) -> dict[str, object]:
    """A job that is taken up and does not go on."""
    job = client.open_job("Account", "insert")
    assert client.upload(job, names(start, 10).encode()).status_code == 201
    assert client.close(job).status_code == 200
    deadline = time.monotonic() + 10
    while client.get("/local-org/faults")[0]["struck"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert client.get(f"/jobs/ingest/{job['id']}")["state"] == "InProgress"
    made: dict[str, object] = job
    return made


def test_a_job_fails_part_of_the_way(faulty: Client) -> None:
    faulty.fault(object="Account", operation="insert", fail_job=25_000)
    job = faulty.bulk("Account", "insert", names("Part", 60_000))
    assert job.counts == ("Failed", 25_000, 0)
    assert job.info["errorMessage"] == LOCKS
    assert parts(job) == (25_000, 0, 35_000)
    assert job.rows("unprocessedrecords")[0] == {"Name": "Part 25000"}
    assert count(faulty, "Part") == 25_000
    assert [each["struck"] for each in faulty.get("/local-org/faults")] == [1]
    assert faulty.bulk("Account", "insert", names("Again", 10)).counts == ("JobComplete", 10, 0)


def test_a_small_job_fails_at_the_very_row(faulty: Client) -> None:
    faulty.fault(object="Account", fail_job=5)
    assert faulty.bulk("Account", "insert", names("Few", 3)).counts == ("JobComplete", 3, 0)
    job = faulty.bulk("Account", "insert", names("Small", 12))
    assert job.counts == ("Failed", 5, 0)
    assert parts(job) == (5, 0, 7)


def test_a_job_fails_at_once(faulty: Client) -> None:
    faulty.fault(object="Account", fail_job=0, message=HEADER)
    job = faulty.bulk("Account", "insert", names("Never", 5))
    assert job.counts == ("Failed", 0, 0)
    assert job.info["errorMessage"] == HEADER
    assert parts(job) == (0, 0, 5)
    assert count(faulty, "Never") == 0


def test_a_job_is_aborted_part_of_the_way(faulty: Client) -> None:
    faulty.fault(object="Account", abort_job=20_000)
    job = faulty.bulk("Account", "insert", names("Abort", 30_000))
    assert job.counts == ("Aborted", 20_000, 0)
    assert "errorMessage" not in job.info
    assert parts(job) == (20_000, 0, 10_000)
    assert count(faulty, "Abort") == 20_000


def test_a_job_is_held(faulty: Client) -> None:
    faulty.fault(object="Account", hold_job=1.5)
    started = time.monotonic()
    job = held(faulty, "Hold")
    assert count(faulty, "Hold") == 0
    faulty.create("Account", Name="Meanwhile")
    assert faulty.wait(job)["numberRecordsProcessed"] == 10
    assert time.monotonic() - started > 1.4


def test_a_held_job_can_be_aborted(faulty: Client) -> None:
    faulty.fault(object="Account", hold_job=600)
    job = held(faulty, "Let go")
    answer = faulty.call("PATCH", f"/jobs/ingest/{job['id']}", json={"state": "Aborted"})
    assert answer.status_code == 200
    assert faulty.bulk("Account", "insert", names("Next", 2)).counts == ("JobComplete", 2, 0)
    assert parts(Job(faulty, faulty.wait(job))) == (0, 0, 10)


def test_a_server_with_a_held_job_ends_when_told(server: Server) -> None:
    client = server.start()
    client.fault(object="Account", hold_job=600)
    job = held(client, "Wait")
    client.session.close()
    started = time.monotonic()
    assert server.end() == 0
    assert time.monotonic() - started < 5
    client = server.start()
    assert client.wait(job)["state"] == "JobComplete"
    assert count(client, "Wait") == 10
    client.session.close()


def test_a_hold_may_come_before_a_failure(faulty: Client) -> None:
    faulty.fault(object="Account", hold_job=0.5)
    faulty.fault(object="Account", fail_job=0)
    started = time.monotonic()
    job = faulty.bulk("Account", "insert", names("Both", 5))
    assert job.counts == ("Failed", 0, 0)
    assert time.monotonic() - started > 0.4


def test_a_job_ends_with_its_server_and_goes_on_with_the_next(server: Server) -> None:
    client = server.start()
    client.fault(object="Account", kill_job=20_000)
    job = client.open_job("Account", "insert")
    assert client.upload(job, names("Kill", 60_000).encode()).status_code == 201
    assert client.close(job).status_code == 200
    client.session.close()
    assert server.process is not None
    assert server.process.wait(30) == -signal.SIGKILL
    server.end()
    client = server.start()
    info = client.wait(job)
    assert (info["state"], info["numberRecordsProcessed"]) == ("JobComplete", 60_000)
    assert parts(Job(client, info)) == (60_000, 0, 0)
    assert count(client, "Kill") == 60_000
    client.session.close()


def test_jobs_may_be_skipped_and_struck_again(faulty: Client) -> None:
    faulty.fault(object="Account", operation="insert", fail_job=1, after=1, times=2)
    assert faulty.bulk("Contact", "insert", "LastName\nA\nB\n").counts[0] == "JobComplete"
    states = [faulty.bulk("Account", "insert", names("Skip", 2)).counts[0] for _ in range(4)]
    assert states == ["JobComplete", "Failed", "Failed", "JobComplete"]
