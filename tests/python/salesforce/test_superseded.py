"""An appointment that took place: its task comes, and the event this project made goes."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .conftest import FAMILY, KEY, Column, Migration, Rows
from .test_files import families, wait_until_struck
from .test_interrupted import through

WHAT = {"lookup": "t__family"}
EVENT: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Subject", "varchar", {"type": "Text", "length": 255}),
    ("StartDateTime", "timestamp", {"type": "DateTime", "required": True}),
    ("EndDateTime", "timestamp", {"type": "DateTime"}),
    ("What.Migration_Key__c", "varchar", WHAT),
    ("_supersedes", "varchar", {}),
]
VISIT: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Subject", "varchar", {"type": "Text", "length": 255}),
    ("ActivityDate", "date", {"type": "Date"}),
    ("Status", "varchar", {"type": "Picklist", "values": ["Completed", "Deferred"]}),
    ("What.Migration_Key__c", "varchar", WHAT),
    ("_supersedes", "varchar", {}),
]
MARTS: dict[str, tuple[dict[str, Any], list[Column]]] = {
    "t__family": ({"object": "Account", "operation": "upsert"}, FAMILY),
    "t__event": ({"object": "Event", "operation": "upsert", "supersedes": "t__visit"}, EVENT),
    "t__visit": ({"object": "Task", "operation": "upsert", "supersedes": "t__event"}, VISIT),
}
ALL = range(6)


def event(n: int, **more: Any) -> dict[str, Any]:
    return {
        "Migration_Key__c": f"p:evt:{n}",
        "Subject": f"Checkup {n}",
        "StartDateTime": "2026-11-20 15:00:00",
        "EndDateTime": "2026-11-20 15:30:00",
        "What.Migration_Key__c": "p:family:0",
        "_supersedes": f"p:vis:{n}",
    } | more


def visit(n: int, **more: Any) -> dict[str, Any]:
    return {
        "Migration_Key__c": f"p:vis:{n}",
        "Subject": f"Checkup {n}",
        "ActivityDate": "2026-11-20",
        "Status": "Completed",
        "What.Migration_Key__c": "p:family:0",
        "_supersedes": f"p:evt:{n}",
    } | more


def schedule(past: set[int], total: range = ALL) -> Rows:
    """The appointments of a practice; those in `past` took place."""
    return {
        "t__family": families(1),
        "t__event": [event(n) for n in total if n not in past],
        "t__visit": [visit(n) for n in total if n in past],
    }


@pytest.fixture(scope="module")
def booked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose appointments are all in the org as events, to be copied."""
    made = Migration(tmp_path_factory.mktemp("schedule") / "home", marts=MARTS)
    made.sf("pull")
    made.build(schedule(set()))
    made.sf("schema", "deploy")
    assert made.json("run")["superseded"] == 0
    made.stop_org()
    return made.home


@pytest.fixture
def org(booked: Path, tmp_path: Path) -> Iterator[Migration]:
    shutil.copytree(booked, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home", marts=MARTS)
    yield made
    made.stop_org()


def keys(org: Migration) -> tuple[set[str], set[str]]:
    """The keys of the events and tasks that are there, each once."""
    found = []
    for sobject in ("Event", "Task"):
        rows = org.soql(f"SELECT Migration_Key__c FROM {sobject}")
        listed = [row["Migration_Key__c"] for row in rows]
        assert len(set(listed)) == len(listed)
        found.append(set(listed))
    return found[0], found[1]


def assert_as_scheduled(org: Migration, past: set[int], total: range = ALL) -> None:
    assert keys(org) == (
        {f"p:evt:{n}" for n in total if n not in past},
        {f"p:vis:{n}" for n in total if n in past},
    )
    assert org.json("run")["runs"] == []
    org.environment = {}
    verified = org.json("verify")
    assert verified["equal"] and not verified["gone"], verified


def test_the_task_comes_and_the_event_goes(org: Migration) -> None:
    org.build(schedule({1, 2}))
    assert org.json("run", "--dry-run")["superseded"] == 2
    said = org.json("run")
    assert (said["sent"], said["superseded"], said["rejected"]) == (2, 2, 0)
    assert org.json("status")["runs"][-1]["superseded"] == 2
    assert "2 superseded" in org.sf("status")
    (saved,) = (org.home / "runs").glob("*/t__event.superseded.parquet")
    assert saved.stat().st_mode & 0o077 == 0
    with duckdb.connect() as con:
        kept = con.execute(
            "select Migration_Key__c, Subject, StartDateTime from read_parquet(?) order by 1",
            [str(saved)],
        ).fetchall()
    assert [row[:2] for row in kept] == [("p:evt:1", "Checkup 1"), ("p:evt:2", "Checkup 2")]
    assert kept[0][2].startswith("2026-11-20T15:00:00")
    assert_as_scheduled(org, {1, 2})


@pytest.mark.long
def test_a_visit_that_is_scheduled_again_and_takes_place_again(org: Migration) -> None:
    for past in ({1, 2}, {2}, {1, 2}, set[int]()):
        org.build(schedule(past))
        assert org.json("run")["superseded"] == len({1, 2} ^ past) or past == {1, 2}
        assert_as_scheduled(org, past)


def test_an_event_that_was_updated_since_is_still_ours(org: Migration) -> None:
    rows = schedule(set())
    rows["t__event"][1]["Subject"] = "Moved"
    org.build(rows)
    org.sf("run")
    org.build(schedule({1}))
    assert org.json("run")["superseded"] == 1
    assert_as_scheduled(org, {1})


def test_what_this_project_did_not_create_stays(org: Migration) -> None:
    """An event that bore our key before this migration knew of it, as after a lost manifest."""
    what = org.soql("SELECT Id FROM Account WHERE Migration_Key__c = 'p:family:0'")[0]["Id"]
    given = {"Subject": "Theirs", "DurationInMinutes": 30, "WhatId": what}
    given |= {"StartDateTime": "2026-11-20T15:00:00Z", "Migration_Key__c": "p:evt:6"}
    org.rest("POST", "sobjects/Event", json=given)
    total = range(7)
    org.build(schedule(set(), total))
    org.sf("run")
    org.build(schedule({5, 6}, total))
    assert org.json("run")["superseded"] == 1
    assert keys(org) == ({f"p:evt:{n}" for n in (*range(5), 6)}, {"p:vis:5", "p:vis:6"})
    assert org.json("run")["runs"] == []


def test_a_refused_successor_leaves_the_earlier_record(org: Migration) -> None:
    rows = schedule({1, 2})
    rows["t__visit"][0]["Subject"] = "x" * 300
    rows["t__visit"].append(visit(3, _held_back=True))
    rows["t__event"] = [e for e in rows["t__event"] if e["Migration_Key__c"] != "p:evt:3"]
    org.build(rows)
    said = org.json("run", code=4)
    assert (said["superseded"], said["rejected"]) == (1, 1)
    assert keys(org) == ({f"p:evt:{n}" for n in (0, 1, 3, 4, 5)}, {"p:vis:2"})
    org.build(schedule({1, 2}))
    assert org.json("run")["superseded"] == 1
    assert_as_scheduled(org, {1, 2})


def test_an_event_that_its_own_mart_still_has_stays(org: Migration) -> None:
    rows = schedule({1})
    rows["t__event"].append(event(1, _held_back=True))
    org.build(rows)
    assert org.json("run")["superseded"] == 0
    assert "p:evt:1" in keys(org)[0]


def test_nothing_goes_before_its_successor_is_in(org: Migration) -> None:
    org.build(schedule({1}))
    org.arm()
    org.sf("run")
    asked = org.noted()
    closed = max(n for n, (method, path) in enumerate(asked) if "successfulResults" in path)
    deleted = [n for n, (method, _) in enumerate(asked) if method == "DELETE"]
    assert len(deleted) == 1 and deleted[0] > closed


DELETE = {"method": "DELETE", "path": "^/composite/sobjects"}
FAULTS: list[dict[str, Any]] = [
    DELETE | {"status": 503},
    DELETE | {"reset": "after", "after": 1},
    {"object": "Event", "operation": "delete", "locked": True, "keys": ".*"},
]


def test_nothing_goes_of_which_no_values_are_saved(org: Migration) -> None:
    org.build(schedule({1, 2}))
    lost = {"method": "GET", "path": r"^/jobs/query/\w+/results$", "lose_row": True}
    org.arm(lost | {"times": 0})
    assert "not whole" in org.sf("run", code=1)
    assert {"p:evt:1", "p:evt:2"} <= keys(org)[0]
    org.arm(lost)
    assert org.json("run")["runs"][0]["superseded"] == 2
    assert_as_scheduled(org, {1, 2})
    org.sf("rollback", "last")
    assert keys(org) == ({f"p:evt:{n}" for n in ALL}, set())


def test_passing_faults_leave_no_trace(org: Migration) -> None:
    org.build(schedule({1, 2}))
    through(org)
    org.arm(*FAULTS)
    assert org.json("run")["rejected"] == 0
    assert_as_scheduled(org, {1, 2})


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_deleting(org: Migration, when: str) -> None:
    total = range(450)
    org.build(schedule(set(), total))
    org.sf("run")
    past = set(total) - {0}
    org.build(schedule(past, total))
    through(org)
    org.arm(DELETE | {"stall": 5, "when": when, "after": 1})
    process = org.start("run")
    wait_until_struck(org, process)
    process.kill()
    process.communicate(timeout=60)
    org.arm()
    said = org.json("run")
    assert said["runs"][0]["superseded"] == len(past)
    assert_as_scheduled(org, past, total)


def test_a_record_that_somebody_deleted_already_is_done(org: Migration) -> None:
    found = org.soql("SELECT Id FROM Event WHERE Migration_Key__c = 'p:evt:1'")
    org.rest("DELETE", f"sobjects/Event/{found[0]['Id']}")
    org.build(schedule({1}))
    assert org.json("run")["rejected"] == 0
    assert_as_scheduled(org, {1})


def test_what_the_org_will_not_delete_is_listed_and_tried_again(org: Migration) -> None:
    org.build(schedule({1}))
    org.arm({"object": "Event", "operation": "delete", "row_error": "DELETE_FAILED",
             "message": "no", "keys": ".*"})  # fmt: skip
    said = org.json("run", code=4)
    assert (said["superseded"], said["rejected"]) == (0, 1)
    *_, file = sorted((org.home / "runs").glob("*/rejects.parquet"))
    with duckdb.connect() as con:
        listed = con.execute("select step, key, code from read_parquet(?)", [str(file)]).fetchall()
    assert listed == [("t__event", "p:evt:1", "DELETE_FAILED")]
    org.arm()
    said = org.json("run")
    assert (said["sent"], said["superseded"]) == (0, 1)
    assert_as_scheduled(org, {1})
