"""Answers that are not Salesforce's: named in one line and never acted on; and what a program that
asked for JSON is told of any end."""

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from loaders import terminal

from .conftest import Migration, example

JOB = r"^/jobs/ingest/\w+$"
DESCRIBE = "^/sobjects/Contact/describe$"
ODD = "is not as Salesforce gives it"
# DuckDB's file: three headers of 4 KB, then blocks.
_HEADERS, _BLOCK = 3 * 4096, 256 * 1024
A_PAGE = {"totalSize": 1, "done": True, "records": []}


def answer(path: str, body: Any) -> dict[str, Any]:
    """A fault: this is what a request for a path is answered with."""
    return {"method": "GET", "path": path, "status": 200, "times": 0, "body": json.dumps(body)}


def describe(**changed: Any) -> dict[str, Any]:
    field: dict[str, Any] = {"name": "LastName", "type": "string", "referenceTo": []}
    field |= {"createable": True, "updateable": True, "nillable": True}
    whole = {"name": "Contact", "fields": [field | changed], "childRelationships": []}
    return answer(DESCRIBE, whole)


RUNS = {
    "records that are none": (answer("^/query$", A_PAGE | {"records": [None]}), ODD),
    "records without their fields": (answer("^/query$", A_PAGE | {"records": [{}]}), ODD),
    "a number of records that is none": (answer("^/query$", A_PAGE | {"totalSize": "?"}), ODD),
    "no next page": (answer("^/query$", A_PAGE | {"done": False}), "lacks nextRecordsUrl"),
    "nobody logged in": (answer("^/services/oauth2/userinfo$", {}), "lacks user_id"),
    "a describe without its name": (answer(DESCRIBE, {"fields": []}), "lacks name"),
    "no fields": (answer(DESCRIBE, {"name": "Contact", "fields": None}), "lacks"),
    "a field without a name": (describe(name=None), ODD),
    "a field of no kind": (describe(updateable="yes"), ODD),
    "a job of how many rows": (
        answer(JOB, {"id": "7", "state": "JobComplete", "numberRecordsProcessed": "abc"}),
        ODD,
    ),
    "a job that stays open": (
        answer(JOB, {"id": "7", "state": "Open"}) | {"method": "PATCH"},
        ODD,
    ),
}


def test_whatever_answers_a_run_is_named(ready: Migration) -> None:
    """Each of them in turn, of one run; then the org is as it should be."""
    for what, (fault, words) in RUNS.items():
        ready.arm(fault)
        said = ready.run("run", code=1).stderr
        assert words in said, (what, said)
        assert "unforeseen" not in said, (what, said)
    ready.arm()
    assert ready.json("run")["rejected"] == 0
    assert ready.json("verify")["equal"]


ENDLESS = {
    "Paused": "the state Paused",
    # A closed job is open no more.
    "Open": "the state Open",
    "<html>one moment</html>": "a state",
    "A" * 41: "a state",
}


def test_a_job_in_a_state_nobody_knows_is_not_waited_for(ready: Migration) -> None:
    for state, words in ENDLESS.items():
        ready.arm(answer(JOB, {"id": "7", "state": state}))
        said = ready.run("run", code=1).stderr
        job = re.search(r"The org says of job (\w+) that it has ([^,]+),", said)
        assert job and job[2] == words, said
        assert job[1] in {path.rpartition("/")[2] for _, path in ready.noted()}, said
    ready.arm(answer(r"^/jobs/query/\w+$", {"id": "7", "state": "Paused"}))
    assert "The org says of query job" in ready.run("verify", code=1).stderr
    # Said once only, it is asked again.
    ready.arm(answer(JOB, {"id": "7", "state": "Paused"}) | {"times": 1})
    assert ready.json("run")["rejected"] == 0
    assert ready.json("verify")["equal"]


def test_whatever_answers_other_commands_is_named(shared: Migration) -> None:
    listed = {"sobjects": [{"name": "Contact"}]}
    for fault, command in (
        (answer("^/limits$", []), ("plan",)),
        (answer("^/limits$", {"DailyApiRequests": 3}), ("plan",)),
        (answer("^/sobjects$", listed), ("rollback", "last", "--dry-run")),
    ):
        shared.arm(fault)
        assert ODD in shared.sf(*command, code=1), command
    shared.arm()


def test_a_manifest_that_is_damaged_is_named(ready: Migration) -> None:
    manifest = ready.home / "manifest.duckdb"
    ready.sf("run")
    kept = manifest.read_bytes()
    for damaged in (b"x" * 5000, kept[:20_000], kept[:4096] + bytes(4096) + kept[8192:]):
        manifest.write_bytes(damaged)
        assert f"{manifest} is damaged" in ready.sf("run", code=1)
        assert "cannot be read" in ready.sf("status", "--check-log", code=1)
    manifest.write_bytes(kept)
    assert ready.json("run")["sent"] == 0


def damage_blocks(file: Path) -> int:
    """Overwrites some bytes of each block behind the first, which DuckDB reads as it opens the
    file; gives how many these are."""
    written = bytearray(file.read_bytes())
    places = range(_HEADERS + _BLOCK + 900, len(written), _BLOCK)
    for place in places:
        written[place : place + 60] = b"\xa5" * 60
    file.write_bytes(written)
    return len(places)


def test_a_file_that_is_damaged_deep_inside_is_named(ready: Migration) -> None:
    """DuckDB opens it, and finds what is wrong as it comes upon the block."""
    ready.sf("run")
    manifest, warehouse = ready.home / "manifest.duckdb", ready.home / "warehouse.duckdb"
    for file, words in ((manifest, f"{manifest} is"), (warehouse, "The warehouse is")):
        kept = file.read_bytes()
        assert damage_blocks(file) > 2
        for command in ("plan", "run"):
            assert f"{words} damaged" in ready.sf(command, code=1), (file, command)
        file.write_bytes(kept)
    assert ready.json("run")["sent"] == 0


def test_a_log_of_the_manifest_that_is_damaged_is_named(ready: Migration) -> None:
    """A process that was killed leaves one beside it."""
    ready.arm({"method": "PUT", "path": "/batches$", "stall": 20})
    process = ready.start("run")
    wait_for_a_job(ready)
    process.kill()
    process.communicate(timeout=60)
    log = ready.home / "manifest.duckdb.wal"
    kept = log.read_bytes()
    log.write_bytes(kept.replace(b"t__family", b"t__falimy"))
    assert f"{log} is damaged" in ready.sf("run", code=1)
    log.write_bytes(kept)
    ready.arm()
    assert ready.json("run")["rejected"] == 0


def wait_for_a_job(migration: Migration) -> None:
    deadline = time.monotonic() + 60
    while not [*migration.home.glob("runs/*/job-1.csv")] and time.monotonic() < deadline:
        time.sleep(0.02)


def error(migration: Migration, *command: str, code: int) -> dict[str, Any]:
    """What a program is told of a command that ends so; people are told the same on stderr."""
    done = migration.run(*command, "--json", code=code)
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["error"]["code"] == code
    assert told["error"]["message"] in done.stderr and told["error"]["hint"] in done.stderr
    return told


def test_a_program_is_told_of_every_end(ready: Migration) -> None:
    told = error(ready, "run", "--max-rejects", "many", code=2)
    assert "neither a number of rows nor a percentage" in told["error"]["message"]
    assert (
        "Nothing here has the key" in error(ready, "explain", "p:no:1", code=2)["error"]["message"]
    )
    ready.arm(RUNS["a describe without its name"][0])
    assert "runs" not in error(ready, "run", code=1)
    ready.arm({"path": JOB, "quota": True})
    (stopped,) = error(ready, "run", code=5)["runs"]
    assert stopped["state"] == "stopped" and stopped["steps"][0]["step"] == "t__family"
    ready.arm()
    ready.build(example(), t__patient="error")
    assert "ended as error" in error(ready, "run", code=3)["error"]["message"]


def test_a_signal_that_duckdb_hears_first_is_one_all_the_same() -> None:
    """It ends a statement with a RuntimeError of these words."""
    assert terminal.code_of(RuntimeError("Query interrupted")) == 130
    assert terminal.code_of(RuntimeError("something else")) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_end_says_so_and_leaves_no_rows(
    ready: Migration, number: signal.Signals
) -> None:
    """As CI cancels: with SIGTERM as with Ctrl-C."""
    ready.arm({"method": "PUT", "path": "/batches$", "stall": 20})
    process = ready.start("run", "--json")
    wait_for_a_job(ready)
    os.kill(process.pid, number)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    told = json.loads(said)
    assert told["error"]["code"] == 130
    assert [run["state"] for run in told["runs"]] == ["interrupted"]
    assert [*ready.home.rglob("*.csv")] == []
    ready.arm()
    assert ready.json("run")["rejected"] == 0
