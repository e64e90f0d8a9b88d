"""`load-sf plan`: every number against one written here, every blocker, and a page that stands
alone."""

import copy
import json
import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.local_org.package import Package, custom_field, picklist
from tests.python.raw.exports import LOAD_RAW, write_set

from .conftest import Migration, Rows, example
from .test_interrupted import through
from .test_schema_diff import grant, send
from .test_schema_plan import Page

RULE = {
    "object": "Contact",
    "name": "No_Z",
    "when": "LastName LIKE 'Z%'",
    "message": "No Z, please.",
    "field": "LastName",
}
OWN_RULE = {
    "object": "Insurance_Detail__c",
    "name": "Third",
    "when": "Priority__c = 'Third'",
    "message": "Two only.",
}
OTHER_RULE = {"object": "Lead", "name": "Far", "when": "LastName = 'x'", "message": "Not ours."}
RENAMED = "Fam Family (Anna)"
NO_SETUP = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no setup for this user"}]
PEOPLE = [("p", "provider", "Quill", "no user has this address"), ("p", "staff", "Roe", "inactive")]
REPORT = {
    "shows": "plan",
    "what": "people have no user",
    "action": "Make them users",
    "count_by": ["practice", "kind", "reason"],
    "columns": ["practice", "last_name", "reason"],
}


def plan_of(migration: Migration, *options: str, code: int = 0) -> Any:
    """The plan as JSON."""
    return migration.json("plan", *options, code=code)


def blocked_by(plan: Any) -> dict[str, str]:
    """Each kind of blocker, and all that is said of it."""
    found: dict[str, str] = {}
    for each in plan["blockers"]:
        assert each["do"]
        found[each["kind"]] = f"{found.get(each['kind'], '')} {each['what']}"
    return found


def sql(migration: Migration, *statements: str) -> None:
    """Changes the warehouse."""
    with duckdb.connect(str(migration.home / "warehouse.duckdb")) as con:
        for statement in statements:
            con.execute(statement)


def problem(field: str, what: str, held_back: bool) -> str:
    return f"{{field: '{field}', class: '{what}', value: 'x', held_back: {held_back}, action: 'a'}}"


def held(step: str, key: str, *problems: str) -> str:
    """Gives a row problems; it is held back where one of them says so."""
    back = any("held_back: True" in each for each in problems)
    listed = ", ".join(f"{p[:-1]}, file: 'f.csv', line: 1}}" for p in problems)
    return (
        f"update salesforce.{step} set _held_back = {back}, _problems = [{listed}]"
        f" where \"Migration_Key__c\" = '{key}'"
    )


def with_people(migration: Migration) -> None:
    """Adds a mart that a plan shows, as dbt would have it."""
    file = migration.home / "target" / "manifest.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    node = copy.deepcopy(document["nodes"]["model.t.waiting"])
    node |= {"name": "people", "alias": "people", "unique_id": "model.t.people"}
    node["config"]["meta"] = {"bridgework": REPORT}
    document["nodes"]["model.t.people"] = node
    file.write_text(json.dumps(document), encoding="utf-8")
    values = ", ".join(str(person) for person in PEOPLE)
    sql(
        migration,
        "create or replace table migration.people as select * from (values"
        f" {values}) as t(practice, kind, last_name, reason)",
    )


def set_up(migration: Migration, records: dict[str, dict[str, Any]]) -> None:
    """Puts records of setup into the org, as its admins would: they have no other way in."""
    migration.stop_org()
    store = migration.home / "local_org" / "state.duckdb"
    deadline = time.monotonic() + 10
    while True:
        try:
            con = duckdb.connect(str(store))
            break
        except duckdb.IOException:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with con:
        for table, values in records.items():
            columns = ", ".join(f'${name} as "{name}"' for name in values)
            con.execute(f'insert into data."{table}" by name select {columns}', values)


def earlier_run(migration: Migration, rows: int, seconds: int) -> None:
    """A run of this org that took so long, beside the real one, too small to tell anything."""
    (file,) = (migration.home / "runs").glob("*/progress.json")
    said = json.loads(file.read_text(encoding="utf-8"))
    said |= {"run": "earlier", "worked_seconds": seconds}
    said["steps"] = said["steps"][:1]
    said["steps"][0]["rows"] = rows
    folder = migration.home / "runs" / "earlier"
    folder.mkdir()
    (folder / "progress.json").write_text(json.dumps(said), encoding="utf-8")


def test_time_that_a_run_lay_broken_off_says_nothing_of_speed(ready: Migration) -> None:
    through(ready)
    ready.arm({"method": "GET", "path": "^/jobs/ingest/[^/]+$", "quota": True})
    ready.sf("run", code=5)
    ready.arm()
    (file,) = (ready.home / "runs").glob("*/progress.json")
    left = json.loads(file.read_text(encoding="utf-8"))
    yesterday = datetime.fromisoformat(left["started"]) - timedelta(days=1)
    left["started"] = yesterday.isoformat(timespec="seconds")
    left["steps"][0]["rows"] = 10_000
    file.write_text(json.dumps(left), encoding="utf-8")
    ready.sf("resume")
    needs = plan_of(ready)["needs"]
    worked = json.loads(file.read_text(encoding="utf-8"))["worked_seconds"]
    assert left["worked_seconds"] < worked < 120
    assert (needs["measured_runs"], needs["rows_per_second"] > 10_000 / 120) == (1, True)


@pytest.fixture(scope="module")
def planned(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    """A home into which some of the example is loaded, and a delta built."""
    home = tmp_path_factory.mktemp("planned") / "home"
    shutil.copytree(deployed, home, symlinks=True)
    made = Migration(home)
    first = example()
    first["t__family"] = first["t__family"][:2]
    for step in ("t__patient", "t__guarantor", "t__insurance"):
        first[step] = [row for row in first[step] if ":2-" not in row["Migration_Key__c"]]
    made.build(first)
    made.sf("run")
    account = made.rest("POST", "sobjects/Account", json={"Name": "Theirs"})["id"]
    made.build(delta(account))
    sql(
        made,
        held("t__patient", "p:patient:2-3", problem("LastName", "missing_required", True)),
        held(
            "t__insurance",
            "p:insurance:2-3-P",
            problem("Contact", "parent_held_back", True),
            problem("Group_Number__c", "too_long", False),
        ),
        held(
            "t__patient",
            "p:patient:2-2",
            problem("Birthdate", "unreadable_date", False),
        ),
    )
    with_people(made)
    yield made
    made.stop_org()


def delta(account: str) -> Rows:
    """Family 2 is new and takes over an account; patient 0-3 is gone with all of theirs; two
    patients have another chart number, and family 1 another name."""
    rows = example()
    rows["t__family"][1]["Name"] = RENAMED
    rows["t__family"][2]["_adopt_id"] = account
    for step in ("t__patient", "t__guarantor", "t__insurance"):
        rows[step] = [row for row in rows[step] if ":0-3" not in row["Migration_Key__c"]]
    for number in (0, 1):
        rows["t__patient"][number]["Chart_Number__c"] = "new"
    return rows


def test_every_number(planned: Migration) -> None:
    before = planned.soql("SELECT Id, SystemModstamp FROM Contact ORDER BY Id")
    earlier_run(planned, rows=10_000, seconds=100)
    plan = plan_of(planned, "--delete-limit", "20%")
    keys = ("create", "update", "adopt", "unchanged", "held_back", "gone", "superseded", "jobs")
    assert {each["step"]: tuple(each[k] for k in keys) for each in plan["steps"]} == {
        # Records that are known, if they are few, need no job.
        "t__family": (0, 1, 1, 1, 0, 0, 0, 0),
        "t__patient": (3, 2, 0, 5, 1, 1, 0, 1),
        "t__guarantor": (0, 3, 0, 8, 0, 0, 0, 0),
        "t__insurance": (3, 0, 0, 7, 1, 1, 0, 1),
    }
    # An adopted record and an update are requests of their own.
    assert {each["step"]: each["corrections"] for each in plan["steps"]} == {
        "t__family": 2,
        "t__patient": 0,
        "t__guarantor": 1,
        "t__insurance": 0,
    }
    assert {s["step"]: s["renames"] for s in plan["steps"] if s["renames"]} == {"t__family": 1}
    problems = {s["step"]: (s["held"], s["left_out"]) for s in plan["steps"] if s["held"]}
    assert problems == {
        "t__patient": ({"missing_required": 1}, {"unreadable_date": 1}),
        "t__insurance": ({"parent_held_back": 1}, {}),
    }
    gone = {each["object"]: each for each in plan["gone"]}
    assert (gone["Contact"]["gone"], gone["Contact"]["ours"], gone["Contact"]["created"]) == (
        1,
        1,
        8,
    )
    assert gone["Contact"]["share"] == 12.5
    assert gone["Account"]["gone"] == 0
    needs = plan["needs"]
    assert (needs["rows"], needs["jobs"], needs["batches"], needs["records"]) == (13, 2, 2, 6)
    assert (needs["rows_per_second"], needs["measured_runs"]) == (100, 1)
    assert needs["seconds"] == pytest.approx(0.13)
    assert needs["data_mb"] == pytest.approx(6 * 2 / 1024)
    room = {each["name"]: each for each in plan["limits"]}
    assert set(room) >= {"DailyApiRequests", "DailyBulkApiBatches", "DataStorageMB"}
    assert room["DailyApiRequests"]["max"] == 5_000_000
    assert all(each["fits"] for each in plan["limits"])
    assert plan["shown"][0]["total"] == 2
    assert plan["shown"][0]["groups"] == [
        {"practice": "p", "kind": "provider", "reason": "no user has this address", "number": 1},
        {"practice": "p", "kind": "staff", "reason": "inactive", "number": 1},
    ]
    assert not plan["blocked"]
    assert planned.soql("SELECT Id, SystemModstamp FROM Contact ORDER BY Id") == before
    assert not (planned.home / "runs" / "plan").exists()


def test_who_people_are_is_on_the_page_alone(planned: Migration) -> None:
    said = planned.sf("plan", "--delete-limit", "20%")
    assert "2 people have no user. Make them users." in said
    assert "Gone from the source: 1 of Contact." in " ".join(said.split())
    assert "Held back: 1 missing_required, 1 parent_held_back." in said
    assert "t__family: 1 names of records that are in the org change" in said
    assert "Quill" not in said and RENAMED not in said
    file = planned.home / "reports" / "plan.html"
    page = Page(file)
    assert "Quill" in page.text and RENAMED in page.text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.elements)
    assert page.links
    assert all(link.startswith("#") for link in page.links)
    raw = file.read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?:", raw)
    assert {link[1:] for link in page.links} <= set(re.findall(r'id="([^"]+)"', raw))
    assert page.elements.count("table") == page.elements.count("caption")
    for words in ("missing_required", "DailyApiRequests", "12.5 %", "less than a minute"):
        assert words.lower() in page.text.lower()


def test_a_run_takes_about_as_many_calls_as_planned(planned: Migration, tmp_path: Path) -> None:
    wanted = plan_of(planned, "--delete-limit", "20%")["needs"]["api_calls"]
    planned.stop_org()
    shutil.copytree(planned.home, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home")
    took = made.json("run")["api_calls"]
    made.stop_org()
    assert took / wanted == pytest.approx(1, abs=0.15), (took, wanted)


def test_what_the_org_does_by_itself(planned: Migration) -> None:
    """Found by name, or by the Id of a custom object; what is of other objects is left out."""
    set_up(
        planned,
        {
            "ApexTrigger": {
                "Id": "01q000000000001AAA",
                "Name": "ContactGuard",
                "TableEnumOrId": "Contact",
                "Status": "Active",
                "UsageBeforeInsert": True,
                "UsageAfterUpdate": True,
            },
            "FlowDefinitionView": {
                "Id": "3dd000000000001AAA",
                "ApiName": "Greet",
                "Label": "Greet a patient",
                "TriggerType": "RecordAfterSave",
                "RecordTriggerType": "Create",
                "TriggerObjectOrEventId": "Contact",
                "ActiveVersionId": "301000000000001AAA",
            },
            "AssignmentRule": {
                "Id": "01Q000000000001AAA",
                "Name": "West",
                "SobjectType": "Lead",
                "Active": True,
            },
        },
    )
    switches = {"validation_rules": [RULE, OWN_RULE, OTHER_RULE], "duplicate_rules": "block"}
    planned.control("PATCH", "switches", switches)
    try:
        plan = plan_of(planned, "--delete-limit", "20%")
        planned.arm({"path": "^/tooling/query$", "status": 403, "body": NO_SETUP, "times": 0})
        hidden = plan_of(planned, "--delete-limit", "20%")
    finally:
        planned.control("DELETE", "faults")
        planned.control("PATCH", "switches", {"validation_rules": [], "duplicate_rules": "off"})
    kinds = {each["key"]: each for each in plan["automation"]}
    found = {
        key: [(met["object"], met["name"], met["about"]) for met in each["found"]]
        for key, each in kinds.items()
    }
    assert found == {
        "validation_rules": [
            ("Contact", "No_Z", "LastName, No Z, please."),
            ("Insurance_Detail__c", "Third", "Two only."),
        ],
        "flows": [("Contact", "Greet a patient", "RecordAfterSave, Create")],
        "processes": [],
        "apex_triggers": [("Contact", "ContactGuard", "before insert, after update")],
        "duplicate_rules": [
            ("Account", "Standard Account Duplicate Rule", ""),
            ("Contact", "Standard Contact Duplicate Rule", ""),
        ],
        # Leads are none of ours; this org has no territories.
        "assignment_rules": [],
        "territory_rules": [],
    }
    assert all(each["do"] for each in kinds.values())
    assert not any(each["note"] for each in kinds.values())
    unread = {each["key"]: each["note"] for each in hidden["automation"] if each["note"]}
    assert set(unread) == {"validation_rules", "apex_triggers"}
    assert "Could not be read" in unread["validation_rules"]
    assert not hidden["blocked"]


def test_too_much_that_is_gone_blocks(planned: Migration) -> None:
    plan = plan_of(planned, code=3)
    assert set(blocked_by(plan)) == {"delete"}
    assert "Contact: 1 of 8 records" in blocked_by(plan)["delete"]
    assert "Insurance_Detail__c: 1 of 8 records" in blocked_by(plan)["delete"]
    # Blocked, it still tells everything.
    assert plan["steps"][1]["create"] == 3


def test_what_blocks_is_told_all_at_once(planned: Migration, tmp_path: Path) -> None:
    options = tmp_path / "other.yml"
    options.write_text("defaults: {country: CA}\n", encoding="utf-8")
    (planned.home / "custom_fields.yml").write_text(
        "fields:\n"
        "  - {status: proposed, object: Contact, api_name: Shoe__c, source: patient.shoe}\n",
        encoding="utf-8",
    )
    rows = example() | {"waiting": [{"owed": "1200.50"}]}
    land(planned, tmp_path / "set", "patient", "aging")
    planned.build(rows, t__insurance="error")
    planned.environment = {"MIGRATION_CONFIG": str(options)}
    try:
        plan = plan_of(planned, "--delete-limit", "90%", code=3)
        found = blocked_by(plan)
        assert set(found) == {"stale marts", "options", "waiting"}
        assert "model t__insurance ended as error" in found["stale marts"]
        assert "1 bills wait" in found["waiting"]
        assert "other.yml says other than what was landed" in found["options"]
        assert [each["field"] for each in plan["proposed"]] == ["Shoe__c"]
        passed = plan_of(planned, "--allow-open-claims", "--delete-limit", "90%", code=3)
        assert "waiting" not in blocked_by(passed)
    finally:
        planned.environment = {}


def land(migration: Migration, folder: Path, *tables: str, **export: Any) -> None:
    """Lands a set of these tables, each with one row."""
    rows = {"patient.csv": "patid,lastname\n1,a\n", "aging.csv": "guarid,aging0to30\n1,5\n"}
    chosen = {f"{table}.csv": rows[f"{table}.csv"] for table in tables}
    written = write_set(folder, chosen, practice="north", **export)
    environment = os.environ | {"MIGRATION_HOME": str(migration.home)}
    done = subprocess.run([LOAD_RAW, written], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_full_set_without_a_file_blocks_until_it_is_settled(
    planned: Migration, tmp_path: Path
) -> None:
    """The set before it had one."""
    land(planned, tmp_path / "first", "patient", "aging")
    later = {"extracted_at": "2026-12-01T02:00:00-06:00"}
    land(planned, tmp_path / "second", "patient", **later)
    planned.build(example())
    limit = ("--delete-limit", "90%")
    found = blocked_by(plan_of(planned, *limit, code=3))
    assert set(found) == {"set"}
    words = "north: the newest full set has no file of aging"
    assert words in found["set"]
    # A run says the same.
    assert words in " ".join(planned.sf("run", "--dry-run", code=3).split())
    assert words in " ".join(planned.sf("run", code=3).split())
    land(planned, tmp_path / "third", "patient", keep=["aging"], **later)
    planned.build(example())
    assert not plan_of(planned, *limit)["blocked"]


def test_an_org_that_changed_since_the_pull(planned: Migration) -> None:
    """Two fields that an admin demands from now on, one of ours and one of theirs."""
    planned.sf("pull")
    planned.build(example())
    assert not plan_of(planned)["blocked"]
    ours = custom_field("Priority__c", "Picklist", picklist("Primary", "Secondary"))
    theirs = custom_field("Their_Ref__c", "Text", "<length>20</length>")
    must = [f.replace("</fields>", "<required>true</required></fields>") for f in (ours, theirs)]
    package = Package().object("Insurance_Detail__c", *must)
    names = ("Priority__c", "Their_Ref__c")
    package.members = {"CustomField": [f"Insurance_Detail__c.{name}" for name in names]}
    user = send(planned, package)
    plan = plan_of(planned, code=3)
    assert list(blocked_by(plan)) == ["changed since pull"]
    assert "Insurance_Detail__c.Priority__c must be filled now." in plan["blockers"][0]["what"]
    assert [(r["object"], r["field"]) for r in plan["required"]] == [
        ("Insurance_Detail__c", "Their_Ref__c")
    ]
    # Hidden is not changed: one cause, one blocker.
    assigned = planned.soql("SELECT Id FROM PermissionSetAssignment")[0]["Id"]
    planned.rest("DELETE", f"sobjects/PermissionSetAssignment/{assigned}")
    found = blocked_by(plan_of(planned, code=3))
    assert "set is not assigned to this user" in found["permissions"]
    assert "Chart_Number__c" not in found.get("changed since pull", "")
    grant(planned, user)


def test_an_org_of_another_pull_and_marts_that_are_not_there(planned: Migration) -> None:
    planned.stop_org()
    planned.sf("org", "reset", "--yes")
    sql(planned, "drop table salesforce.t__insurance")
    plan = plan_of(planned, code=3)
    found = blocked_by(plan)
    assert "this is org" in found["other org"]
    assert {"schema", "permissions"} <= set(found)
    steps = {each["step"]: each["counted"] for each in plan["steps"]}
    assert steps == {
        "t__family": True,
        "t__patient": True,
        "t__guarantor": True,
        "t__insurance": False,
    }
    (planned.home / "warehouse.duckdb").unlink()
    assert "There is nothing to load" in planned.sf("plan", code=3)
