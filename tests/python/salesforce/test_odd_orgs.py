"""Orgs that answer oddly, fill up, or change while a run is at work, and machines whose clock or
disk does: it is named and counted, the exit code says so, and once it is put right the org holds
what it should."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.python.faults.machine import Running, copied, running
from tests.python.faults.truth import Truth, differences, truth_of

from .conftest import MARTS, Column, Migration, example
from .test_run import rejects

RESULTS = r"^/jobs/ingest/\w+/successfulResults$"
LOCKED = "UNABLE_TO_LOCK_ROW"


@pytest.fixture(scope="module")
def truth(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """What the example is where nothing is odd."""
    home = copied(deployed, tmp_path_factory.mktemp("plain") / "home")
    with running(home) as org:
        assert org.command(["run"]).code == 0
    return truth_of(home)


@pytest.fixture
def org(deployed: Path, tmp_path: Path) -> Iterator[Running]:
    with running(copied(deployed, tmp_path / "home")) as made:
        yield made


def arm(org: Running, *faults: dict[str, Any]) -> None:
    org.control("DELETE", "faults")
    org.control("POST", "faults", {"faults": list(faults)})


def said(org: Running, *arguments: str, code: int) -> str:
    """What a command says that ends so."""
    ended = org.command([*arguments])
    assert ended.code == code, ended.said
    assert "unforeseen" not in ended.said and "Traceback" not in ended.said
    return ended.said


def assert_whole(org: Running, truth: Truth) -> None:
    """One more run ends well, and then the org and what the manifest says of its records are as
    if nothing had been odd."""
    said(org, "run", code=0)
    org.end()
    found = truth_of(org.home)
    # What a run refuses and the next one takes is noted as replaced; nothing else may differ.
    found.pop("manifest replaced", None)
    assert differences(truth, found) == []


def newest_rejects(org: Running) -> dict[tuple[str, str], tuple[object, ...]]:
    *_, file = sorted((org.home / "runs").glob("*/rejects.parquet"))
    return rejects(file)


@pytest.mark.parametrize("how", ["fail_job", "abort_job"])
def test_rows_a_job_did_not_come_to_are_sent_again(org: Running, truth: Truth, how: str) -> None:
    arm(
        org,
        {"object": "Contact", "operation": "upsert", how: 5},
        {"object": "Insurance_Detail__c", how: 7},
        {"object": "Account", "abort_job": 0},
    )
    said(org, "run", code=0)
    assert [each for each in org.control("GET", "faults") if each["left"]] == []
    assert_whole(org, truth)


def test_a_job_that_fails_with_nothing_done_stops_the_run(org: Running, truth: Truth) -> None:
    arm(
        org,
        {"object": "Contact", "operation": "upsert", "fail_job": 0, "message": "InvalidBatch : x"},
    )
    words = said(org, "run", code=1)
    assert "t__patient: the org refused job" in words and "InvalidBatch" in words
    assert_whole(org, truth)


def test_rows_locked_in_every_round_are_listed_and_sent_by_the_next_run(
    deployed: Path, tmp_path: Path
) -> None:
    """Five in a hundred, each time the same."""
    Migration(home := copied(deployed, tmp_path / "home")).build(example(10, 4))
    plain = copied(home, tmp_path / "plain")
    with running(plain) as org:
        said(org, "run", code=0)
    with running(home, {"faults": [{"locked": True, "share": 0.05, "rounds": 0}]}) as org:
        said(org, "run", code=4)
        refused = newest_rejects(org)
        locked = {key for (_, key), about in refused.items() if about[:2] == (LOCKED, "again")}
        orphans = {key for (_, key), about in refused.items() if about[1] == "parent"}
        assert locked and locked | orphans == {key for _, key in refused}
        arm(org)
        assert_whole(org, truth_of(plain))


def test_where_nobody_watches_long_work_is_told_now_and_then(org: Running, truth: Truth) -> None:
    arm(org, {"object": "Contact", "operation": "upsert", "hold_job": 0.3})
    lines = said(org, "run", code=0).splitlines()
    far = [line for line in lines if line.startswith("t__patient: 0 of 12 rows, 0 rows/s")]
    assert far and len(set(lines)) < 100, lines
    assert_whole(org, truth)


def test_rows_locked_for_two_rounds_pass(org: Running, truth: Truth) -> None:
    arm(org, {"locked": True, "share": 0.3, "rounds": 2, "object": "Contact"})
    said(org, "run", code=0)
    assert_whole(org, truth)


def test_a_full_org_stops_the_run_and_the_next_one_carries_on(org: Running, truth: Truth) -> None:
    arm(org, {"storage_full": 8})
    assert "STORAGE_LIMIT_EXCEEDED" in said(org, "run", code=5)
    assert "STORAGE_LIMIT_EXCEEDED" in said(org, "run", code=5)
    arm(org)
    assert_whole(org, truth)


def test_a_day_without_calls_left_stops_the_run_wherever_it_is(org: Running, truth: Truth) -> None:
    allowed = 0
    codes: list[int] = []
    while not codes or codes[-1] == 5:
        allowed += 9
        org.control("PATCH", "switches", {"daily_api_requests": allowed})
        codes.append(org.command(["run"]).code)
    assert codes[-1] == 0 and len(codes) > 3, codes
    org.control("PATCH", "switches", {"daily_api_requests": 1_000})
    assert_whole(org, truth)


def test_results_that_speak_of_strangers_and_twice_of_one_row(org: Running, truth: Truth) -> None:
    """Nothing the org adds is taken for what became of a row."""
    arm(org, {"method": "GET", "path": RESULTS, "expired": True})
    said(org, "run", code=1)
    (job,) = [
        each["id"]
        for each in org.call("GET", "/services/data/v67.0/jobs/ingest")["records"]
        if each["object"] == "Account"
    ]
    whole = org.text(f"/services/data/v67.0/jobs/ingest/{job}/successfulResults/")
    header, *rows = list(csv.reader(io.StringIO(whole)))
    stranger = [cell.replace("p:family:0", "p:family:9") for cell in rows[0]]
    spoilt = io.StringIO()
    csv.writer(spoilt).writerows([header, stranger, *rows, rows[1]])
    arm(org, {"method": "GET", "path": RESULTS, "status": 200, "csv": True,
              "body": spoilt.getvalue()})  # fmt: skip
    said(org, "run", code=0)
    assert_whole(org, truth)


@pytest.mark.parametrize(
    "body", ["sf__Id\n", '"sf__Id","sf__Cr', '"sf__Id","sf__Created","Migration_Key__c"\n"a']
)
def test_results_that_are_none_are_fetched_again_by_the_next_run(
    org: Running, truth: Truth, body: str
) -> None:
    answer = {"status": 200, "csv": True, "body": body, "times": 3}
    arm(org, {"method": "GET", "path": RESULTS} | answer)
    assert "cannot be read" in said(org, "run", code=1)
    assert_whole(org, truth)


@pytest.mark.parametrize("answer", [{"html": True}, {"body": "[]"}])
def test_a_page_in_place_of_results_is_named(
    org: Running, truth: Truth, answer: dict[str, Any]
) -> None:
    arm(org, {"method": "GET", "path": RESULTS, "status": 200} | answer)
    assert "where CSV should be" in said(org, "run", code=1)
    assert_whole(org, truth)


def test_a_clock_that_is_set_back(org: Running, truth: Truth) -> None:
    arm(org, {"method": "GET", "path": RESULTS, "expired": True, "after": 1})
    said(org, "run", code=1)
    assert org.command(["run"], hours_off=-1).code == 0
    assert_whole(org, truth)


def test_a_clock_that_was_a_day_ahead_and_is_set_right(org: Running) -> None:
    arm(org, {"method": "GET", "path": RESULTS, "expired": True, "after": 1})
    assert org.command(["run"], hours_off=24).code == 1
    said(org, "rollback", "last", code=0)
    assert org.soql("SELECT Id FROM Account") == org.soql("SELECT Id FROM Contact") == []
    said(org, "run", code=0)
    assert len(org.soql("SELECT Id FROM Contact")) == 12
    # The run was begun last, though its clock was the earlier.
    runs = json.loads(said(org, "status", "--json", code=0))["runs"]
    assert [(each["kind"], each["state"]) for each in runs] == [
        ("run", "rolled back"), ("rollback", "done"), ("run", "done"),
    ]  # fmt: skip


# Where it breaks off: before anything is sent, after some steps, in the last one.
@pytest.mark.parametrize("room", [1_500, 16_000, 30_000])
def test_a_full_disk_is_named_and_once_there_is_room_the_run_goes_on(
    org: Running, truth: Truth, room: int
) -> None:
    ended = org.command(["run"], room=room)
    assert ended.code == 1 and "unforeseen" not in ended.said, ended.said
    assert "The disk is full" in ended.said or "File too large" in ended.said
    assert_whole(org, truth)
    assert len(run_folders(org)) == 1


def run_folders(org: Running) -> list[Path]:
    return [*(org.home / "runs").glob("2*Z-*")]


def test_rows_of_a_run_that_no_manifest_has_do_not_stay(org: Running, truth: Truth) -> None:
    # The command is noted, then the run begun.
    killed = org.command(["run"], kill_at=2)
    assert killed.transitions == [] and killed.code == -9
    for file in org.home.glob("manifest.duckdb*"):
        file.unlink()
    (left,) = run_folders(org)
    (told,) = json.loads(said(org, "status", "--json", code=0))["runs"]
    assert (told["run"], told["state"]) == (left.name, "interrupted")
    assert_whole(org, truth)
    (made,) = run_folders(org)
    assert made != left


def test_a_later_run_by_a_clock_that_was_set_back(
    org: Running, truth: Truth, deployed: Path
) -> None:
    rows = example()
    rows["t__family"].pop()
    Migration(org.home).build({step: rows[step] if step == "t__family" else [] for step in rows})
    said(org, "run", code=0)
    (first,) = json.loads(said(org, "status", "--json", code=0))["runs"]
    Migration(org.home).build(example())
    assert org.command(["run"], hours_off=-1).code == 0
    assert first["run"] not in said(org, "rollback", "last", "--dry-run", code=0)
    assert "came after" in said(org, "rollback", first["run"], code=3)
    assert_whole(org, truth)


def test_a_permission_taken_away_in_the_middle(org: Running, truth: Truth) -> None:
    arm(org, {"method": "PUT", "path": "/batches$", "expired": True, "after": 1})
    said(org, "run", code=1)
    query = "SELECT Id, AssigneeId, PermissionSetId FROM PermissionSetAssignment"
    (assigned,) = org.soql(query)
    sobject = "/services/data/v67.0/sobjects/PermissionSetAssignment"
    org.call("DELETE", f"{sobject}/{assigned['Id']}")
    words = said(org, "run", code=1)
    assert "t__patient: the org refused a job: INVALIDJOB" in words and "schema diff" in words
    assert not list(org.home.glob("runs/*/*.csv"))
    assert "Run `load-sf schema deploy`" in said(org, "run", code=3)
    org.call("POST", sobject, {k: assigned[k] for k in ("AssigneeId", "PermissionSetId")})
    assert_whole(org, truth)


def test_a_rule_that_refuses_a_record(org: Running, truth: Truth) -> None:
    rule = {"object": "Contact", "name": "No_C11", "when": "Chart_Number__c = 'C11'",
            "message": "not this one"}  # fmt: skip
    org.control("PATCH", "switches", {"validation_rules": [rule]})
    words = said(org, "run", code=4)
    assert "C11" not in words
    refused = {key: about[:2] for key, about in newest_rejects(org).items()}
    assert refused == {
        ("t__patient", "p:patient:1-1"): ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "data"),
        ("t__insurance", "p:insurance:1-1-P"): refused["t__insurance", "p:insurance:1-1-P"],
    }
    org.control("PATCH", "switches", {"validation_rules": []})
    assert_whole(org, truth)


def test_an_owner_who_left(deployed: Path, tmp_path: Path) -> None:
    owner: Column = ("OwnerId", "varchar", {"type": "Lookup", "to": "User"})
    marts = {**MARTS, "t__patient": (MARTS["t__patient"][0], [*MARTS["t__patient"][1], owner])}
    home = copied(deployed, tmp_path / "home")
    with running(home) as org:
        (user,) = org.soql("SELECT Id, ProfileId FROM User")
        body = {"Username": "left@example.com.crm", "LastName": "Left", "Alias": "left",
                "Email": "left@example.com", "ProfileId": user["ProfileId"], "IsActive": False,
                "TimeZoneSidKey": "America/Chicago", "LocaleSidKey": "en_US",
                "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US"}  # fmt: skip
        gone = org.call("POST", "/services/data/v67.0/sobjects/User", body)["id"]
        rows = example()
        rows["t__patient"][3]["OwnerId"] = gone
        migration = Migration(home, marts=marts)
        migration.build(rows)
        said(org, "run", code=4)
        refused = newest_rejects(org)
        assert refused["t__patient", "p:patient:0-3"][:2] == ("INACTIVE_OWNER_OR_USER", "data")
        assert {step for step, _ in refused} == {"t__patient", "t__insurance"}
        rows["t__patient"][3]["OwnerId"] = user["Id"]
        migration.build(rows)
        said(org, "run", code=0)
        assert len(org.soql("SELECT Id FROM Contact")) == 12
        assert len(org.soql("SELECT Id FROM Insurance_Detail__c")) == 12


def test_a_schema_that_changed_since_the_pull(org: Running, truth: Truth) -> None:
    """Without its permission set the loader's user sees no field of ours; with it, all is well."""
    query = "SELECT Id, AssigneeId, PermissionSetId FROM PermissionSetAssignment"
    (assigned,) = org.soql(query)
    sobject = "/services/data/v67.0/sobjects/PermissionSetAssignment"
    org.call("DELETE", f"{sobject}/{assigned['Id']}")
    words = said(org, "run", code=3)
    assert "Migration_Key__c" in words and "schema deploy" in words
    org.call("POST", sobject, {k: assigned[k] for k in ("AssigneeId", "PermissionSetId")})
    assert_whole(org, truth)
