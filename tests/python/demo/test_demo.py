"""The demo, run twice as a person would run it, held against what was planted."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo import practice
from demo.change import markdown
from demo.examples import examples
from demo.maple_street import practice as maple_street
from loaders.errors import UserError
from loaders.home import Home
from loaders.lineage.rows import EXAMPLES
from tests.python.demo import reported, walk
from tests.python.support import BIN, PROJECT, Migration, environment

PLANTED: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _expectation in (*practice.make_up().truth, *maple_street.make_up().truth):
    PLANTED[_expectation["case"]].append(_expectation)

# Where the records of each kind stand. Two steps may share one.
MARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "all": {"carrier": ("shared__carrier",)},
    "oak_park": {
        "family": ("dentrix__family",),
        "provider": ("dentrix__provider",),
        "referral": ("dentrix__provider",),
        "patient": ("dentrix__patient",),
        "guarantor": ("dentrix__guarantor",),
        "insurance": ("dentrix__insurance",),
        "plan": ("dentrix__plan",),
        "procedure": ("dentrix__procedure",),
        "ledger": ("dentrix__ledger",),
        "note": ("dentrix__note",),
        "evt": ("dentrix__event",),
        "tsk": ("dentrix__activity",),
        "alert": ("dentrix__alert",),
        "image": ("dentrix__image",),
    },
    "maple_street": {
        "provider": ("dental_exec__provider",),
        "patient": ("dental_exec__patient",),
        "responsible": ("dental_exec__responsible",),
        "junction": ("dental_exec__junction",),
        "plan": ("dental_exec__plan",),
        "history": ("dental_exec__history",),
        "note": ("dental_exec__note",),
        "billing": ("dental_exec__billing",),
        "evt": ("dental_exec__event",),
        "vis": ("dental_exec__visit",),
        "tsk": ("dental_exec__recall", "dental_exec__activity"),
        "metric": ("dental_exec__metric",),
        "lead": ("dental_exec__lead",),
        "file": ("dental_exec__file",),
    },
}
# Second passes go by the key of the record they complete.
PASSES = {"guarantor": "patient", "responsible": "patient"}
PEOPLE = {"provider": "provider", "referral": "referral", "providers": "provider"}
RUN_SECONDS = 480


@dataclass(frozen=True)
class Demo:
    """The demo after two runs: what each printed, and the state they left.

    `built` is the warehouse of the first run: later the org holds our own records, and what it
    said of those it had before is history.
    """

    migration: Migration
    built: Migration
    first: str
    second: str

    def record(self, name: str) -> tuple[tuple[str, ...], str]:
        """The marts and the migration key of a record of the truth."""
        slug, kind, source_id = name.split(":", 2)
        return MARTS[slug][kind], f"{slug}:{PASSES.get(kind, kind)}:{source_id}"

    def mart_row(self, name: str) -> dict[str, Any] | None:
        """The record's row in its mart."""
        marts, key = self.record(name)
        for mart in marts:
            columns = [row[0] for row in self.built.rows(f'describe salesforce."{mart}"')]
            found = self.built.rows(
                f'select * from salesforce."{mart}" where "Migration_Key__c" = \'{key}\''
            )
            if found:
                return dict(zip(columns, found[0], strict=True))
        return None


def run_demo(home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo"],
        env={**environment(home), **more},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    migration, built = Migration(folder / "home"), Migration(folder / "built")
    first = run_demo(migration.home)
    assert first.returncode == 0, first.stdout + first.stderr
    built.home.mkdir()
    shutil.copy(migration.home / "warehouse.duckdb", built.home)
    second = run_demo(migration.home)
    assert second.returncode == 0, second.stdout + second.stderr
    return Demo(migration, built, first.stdout, second.stdout)


def test_first_run_tells_what_arrived(demo: Demo) -> None:
    assert "Oak Park Dental and Maple Street Dental are in Salesforce." in demo.first
    assert "fields as they should be" in demo.first
    for title in ("What arrived", "How the counts add up", "Merged", "Left out", "Held back"):
        assert title in demo.first


def test_second_run_says_that_nothing_was_migrated_anew(demo: Demo) -> None:
    assert "Nothing was migrated anew" in demo.second
    assert "Nothing was migrated anew" not in demo.first


def test_summary_names_keys_and_no_people(demo: Demo) -> None:
    assert not any(name in demo.first for name in reported.names())
    assert "oak_park:patient:" in demo.first and "maple_street:patient:" in demo.first


def test_the_report_has_the_right_numbers_and_no_values(demo: Demo, tmp_path: Path) -> None:
    assert str(demo.migration.home / "reports" / "report.html") in demo.first
    reported.hold_numbers(demo.migration)
    reported.hold_values_apart(demo.migration, tmp_path)


def test_counts_add_up_for_every_source_table(demo: Demo) -> None:
    counts = demo.migration.rows(
        "select table_name, rows_in_file, landed, rejected, records, merged, skipped, held_back "
        "from migration.source_counts"
    )
    assert len(counts) > 30
    for table, in_file, landed, rejected, *destinations in counts:
        assert in_file == landed + rejected, table
        assert landed == sum(destinations), table


def test_nobody_merges_but_who_was_planted(demo: Demo) -> None:
    planted = {
        (f"{one['record'].partition(':')[0]}:patient:{one['key']}", one["record"])
        for expectations in PLANTED.values()
        for one in expectations
        if one["effect"] == "merged" and one["table"] in ("patient", "patients")
    }
    merged = demo.migration.rows("select merged_key, survivor_key from migration.merges")
    assert set(merged) == planted


def test_nothing_is_reported_of_maple_street_but_what_was_planted(demo: Demo) -> None:
    planted = {
        (demo.record(one["record"])[1], one["detail"]["reason"])
        for one in maple_street.make_up().truth
        if "reason" in one["detail"] and one["record"]
    }
    reported = demo.built.rows(
        "select key, class from migration.corrections"
        " where practice = 'maple_street' and object is not null and object != 'User'"
    )
    assert {entry for entry in reported if entry not in planted} == set()


@pytest.mark.parametrize("case", PLANTED)
def test_planted_mess_becomes_what_it_must(demo: Demo, case: str) -> None:
    wrong = [
        (one["effect"], one["table"], one["key"], fault)
        for one in PLANTED[case]
        if (fault := CHECKS[one["effect"]](demo, one)) is not None
    ]
    assert wrong == []


def check_merged(demo: Demo, one: dict[str, Any]) -> str | None:
    return None if demo.mart_row(one["record"]) else "the survivor has no row"


def check_separate(demo: Demo, one: dict[str, Any]) -> str | None:
    return None if demo.mart_row(one["record"]) else "no row of his own"


def check_loads(demo: Demo, one: dict[str, Any]) -> str | None:
    row = demo.mart_row(one["record"])
    if row is None or row.get("_held_back"):
        return "no row that loads"
    values = one["detail"]["values"]
    shown = {field: row[field] for field in values}
    return None if all(same(shown[f], values[f]) for f in values) else f"{shown} is not {values}"


def same(shown: Any, wanted: Any) -> bool:
    if isinstance(shown, Decimal):
        return wanted is not None and float(shown) == float(wanted)
    if shown is None or isinstance(shown, bool):
        return bool(shown is wanted)
    return bool(str(shown) == str(wanted))


def check_reported(demo: Demo, one: dict[str, Any]) -> str | None:
    records = [one["record"], *one["detail"].get("or_on", [])]
    return entry_missing(demo, records, one["detail"]["reason"], one["detail"]["header"], False)


def check_held_back(demo: Demo, one: dict[str, Any]) -> str | None:
    if one["record"] is None:
        found = demo.built.rows(
            f"select 1 from migration.corrections where class = '{one['detail']['reason']}' "
            f"and held_back and object = 'Account'"
        )
        return None if found else "nothing held back"
    row = demo.mart_row(one["record"])
    if row is None or not row["_held_back"]:
        return "not held back"
    return entry_missing(demo, [one["record"]], one["detail"]["reason"], None, True)


def check_not_made(demo: Demo, one: dict[str, Any]) -> str | None:
    if demo.mart_row(one["record"]):
        return "it has a row"
    return entry_missing(demo, [one["record"]], one["detail"]["reason"], None, True)


def entry_missing(
    demo: Demo, records: list[str], reason: str, header: str | None, held_back: bool
) -> str | None:
    keys = [demo.record(name)[1] for name in records]
    entries = demo.built.rows(
        f"select class, field, held_back from migration.corrections where key in {(*keys, '')}"
    )
    fits = [e for e in entries if e[0] == reason and e[2] == held_back and header in (None, e[1])]
    return None if fits else f"no {reason} on {header} among {entries}"


def check_rejected(demo: Demo, one: dict[str, Any]) -> str | None:
    rejects = demo.migration.rows(
        "select table_name, class, coalesce(key, '') from "
        f"read_parquet('{demo.migration.home}/raw/current/migration/rejects/*.parquet')"
    )
    fits = [r for r in rejects if r[:2] == (one["table"], one["detail"]["reason"])]
    named = {key for *_, key in fits}
    return None if one["key"] in named or "" in named else f"not among {rejects}"


def check_skipped(demo: Demo, one: dict[str, Any]) -> str | None:
    if kind := PEOPLE.get(one["table"]):
        slug = "maple_street" if one["table"] == "providers" else "oak_park"
        return "it has a row" if demo.mart_row(f"{slug}:{kind}:{one['key']}") else None
    skipped = demo.migration.rows(
        f"select skipped from migration.source_counts where table_name = '{one['table']}'"
    )
    return None if skipped[0][0] else "nothing skipped"


def check_adopted(demo: Demo, one: dict[str, Any]) -> str | None:
    key = demo.record(one["record"])[1]
    # Wakes the org where it has gone to sleep.
    demo.migration.run("load-sf", "run", "--dry-run", "--allow-open-claims")
    found = demo.migration.query_org(f"SELECT Name FROM Account WHERE Migration_Key__c = '{key}'")
    names = [record["Name"] for record in found]
    return None if names == [one["detail"]["name"]] else f"the org has {names}"


def check_not_landed(demo: Demo, one: dict[str, Any]) -> str | None:
    system = "dental_exec" if one["table"] == "patients" else "dentrix"
    parquet = f"{demo.migration.home}/raw/current/{system}/{one['table']}/*.parquet"
    columns = {row[0] for row in demo.migration.rows(f"describe from read_parquet('{parquet}')")}
    extra = demo.migration.rows(
        f"select distinct unnest(map_keys(_extra)) from read_parquet('{parquet}')"
    )
    return "landed" if one["key"] in columns | {name for (name,) in extra} else None


def check_file(demo: Demo, one: dict[str, Any]) -> str | None:
    files = demo.migration.rows(
        "select status, rows_in_file, trailer_count from "
        f"read_parquet('{demo.migration.home}/raw/current/migration/files/*.parquet') "
        f"where table_name = '{one['table']}'"
    )
    status, rows, trailer = files[0]
    fits = {
        "file_missing": status == "missing",
        "file_empty": rows == 0,
        "trailer": trailer == one["detail"].get("promised"),
    }
    return None if fits[one["effect"]] else f"{files}"


def check_differs(demo: Demo, one: dict[str, Any]) -> str | None:
    found = demo.built.rows(
        "select difference::varchar from migration.control_totals"
        f" where kind in ('guarantor', 'patient') and key = '{one['record']}'"
    )
    wanted = [(one["detail"]["difference"],)]
    return None if found == wanted else f"the control totals say {found}"


def check_claim(demo: Demo, one: dict[str, Any]) -> str | None:
    found = demo.built.rows(f"select 1 from migration.open_claims where claim_id = '{one['key']}'")
    return None if bool(found) == (one["effect"] == "open_claim") else f"open: {bool(found)}"


def check_unsent(demo: Demo, one: dict[str, Any]) -> str | None:
    row = demo.mart_row(one["record"])
    if row is not None and not row["_held_back"]:
        return "it has a row that loads"
    return entry_missing(demo, [one["record"]], one["detail"]["reason"], None, True)


def check_told(demo: Demo, one: dict[str, Any]) -> str | None:
    if demo.mart_row(one["record"]):
        return "it has a row"
    reason, header = one["detail"]["reason"], one["detail"]["header"]
    return entry_missing(demo, [one["record"]], reason, header, False)


def check_says(demo: Demo, one: dict[str, Any]) -> str | None:
    row = demo.mart_row(one["record"]) or {"Body__c": ""}
    said = str(row["Body__c"])
    missing = [words for words in one["detail"]["words"] if words not in said]
    kept = [words for words in one["detail"]["never"] if words in said]
    return f"{said!r} lacks {missing}, holds {kept}" if missing or kept else None


def check_owned(demo: Demo, one: dict[str, Any]) -> str | None:
    # Wakes the org where it has gone to sleep.
    demo.migration.run("load-sf", "run", "--dry-run", "--allow-open-claims")
    users = demo.migration.query_org(f"SELECT Id FROM User WHERE Email = '{one['detail']['by']}'")
    row = demo.mart_row(one["record"])
    owner = row["OwnerId"] if row else None
    return None if [user["Id"] for user in users] == [owner] else f"owned by {owner}"


def check_unmatched(demo: Demo, one: dict[str, Any]) -> str | None:
    on_report = demo.built.rows(
        "select 1 from migration.owner_report"
        f" where practice = 'maple_street' and person_id = '{one['key']}'"
    )
    entries = demo.built.rows(
        "select field, held_back from migration.corrections where practice = 'maple_street'"
        f" and object = 'User' and class = 'unmatched_user' and value = '{one['key']}'"
    )
    fits = on_report and entries == [("OwnerId", False)]
    return None if fits else f"on the owner report: {on_report}; corrections: {entries}"


CHECKS = {
    "unsent": check_unsent,
    "told": check_told,
    "says": check_says,
    "owned": check_owned,
    "unmatched": check_unmatched,
    "differs": check_differs,
    "open_claim": check_claim,
    "settled_claim": check_claim,
    "merged": check_merged,
    "separate": check_separate,
    "loads": check_loads,
    "reported": check_reported,
    "held_back": check_held_back,
    "not_made": check_not_made,
    "rejected": check_rejected,
    "skipped": check_skipped,
    "adopted": check_adopted,
    "not_landed": check_not_landed,
    "file_missing": check_file,
    "file_empty": check_file,
    "trailer": check_file,
}


def test_examples_of_the_field_map_are_of_the_demo(demo: Demo) -> None:
    found = examples(Home(demo.migration.home), demo.built.home / "warehouse.duckdb")
    assert EXAMPLES.read_text(encoding="utf-8") == found, "run `make examples`"


def test_examples_are_taken_of_nobody_else(tmp_path: Path) -> None:
    """A practice of the same name with other exports is another practice."""
    sets = tmp_path / "raw" / "current" / "migration" / "sets"
    sets.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(
            "copy (select 'oak_park' as practice, 'abc' as set_id)"
            f" to '{sets / 'oak_park.parquet'}' (format parquet)"
        )
    with pytest.raises(UserError, match="other exports"):
        examples(Home(tmp_path), tmp_path / "warehouse.duckdb")


@pytest.mark.long
def test_a_field_is_added_as_the_docs_say(demo: Demo, tmp_path: Path) -> None:
    """From two blocks of text to the package, the field map, the sample's diff and the checks."""
    project = walk.copy_project(tmp_path / "clone")
    demo.migration.stop_org()
    migration = demo.migration.copy(tmp_path / "home")
    home = migration.home
    before = walk.state(PROJECT, home, tmp_path / "before")
    edits = walk.edits()
    assert [block.count("\n") for *_, block in edits] == [1, 8]
    for edit in edits:
        walk.put(project, *edit)
    walk.run(project, home, "make", "field-map", f"BIN={BIN}", "READY=")
    _is_in_what_is_checked_in(project)

    only = ("build", "--exclude-resource-type", "unit_test", "--select", "dental_exec__patient")
    walk.run(project, home, "dbt", *only)
    _is_told_as_a_change(before, walk.state(project, home, tmp_path / "after"))
    walk.run(project, home, "load-sf", "schema", "deploy")
    sample = json.loads(walk.run(project, home, "load-sf", "sample", "--json"))
    written = dict(
        migration.rows(
            'select "Migration_Key__c", "Assigned_To__c" from salesforce.dental_exec__patient'
        )
    )
    _has_arrived(migration, sample, written)

    # Nobody's is longer than 20 characters, so room for one shows what the check does.
    mart = project / walk.MART
    mart.write_text(mart.read_text().replace("Text, length: 20}", "Text, length: 1}"))
    walk.run(project, home, "dbt", *only)
    left_out = migration.rows(
        "select class, held_back, count(*) from (select unnest(_problems, recursive := true)"
        " from salesforce.dental_exec__patient) where field = 'Assigned_To__c' group by all"
    )
    assert left_out == [("too_long", False, len(written))]


def _is_in_what_is_checked_in(project: Path) -> None:
    column = (project / walk.MART).read_text().partition("- name: Assigned_To__c")[2]
    assert "decided_by: [dental_exec.patients.patient_id]" in column.partition("- name:")[0]
    package = project / "salesforce/force-app/main/default"
    made = (package / "objects/Account/fields/Assigned_To__c.field-meta.xml").read_text()
    assert "<length>20</length>" in made
    granted = (package / "permissionsets/Bridgework_Loader.permissionset-meta.xml").read_text()
    assert "<field>Account.Assigned_To__c</field>" in granted
    (row,) = [
        line
        for line in (project / "docs" / "fields.md").read_text().splitlines()
        if "**Assigned_To__c**" in line
    ]
    assert "Text (20) | `dental_exec__patient`: Whom the patient is assigned to, as written." in row
    assert "| `dental_exec.patients.assigned_to` |" in row


def _is_told_as_a_change(before: Path, after: Path) -> None:
    told = markdown(before, after)
    assert re.search(r"`dental_exec__patient` \| Account \| 0 \| 0 → \*\*\d+\*\* ", told)
    assert told.count("| `dental_exec__patient` |") == 2
    assert "| `Account.Assigned_To__c` | no such field |" in told
    assert "| `Assigned_To__c` | new |  | type: Text (20); rule: Whom the patient" in told
    again = markdown(before, before)
    assert "Nothing would be sent" in again and "No field comes about otherwise" in again


def _has_arrived(migration: Migration, sample: dict[str, Any], written: dict[str, str]) -> None:
    step = next(s for s in sample["steps"] if s["step"] == "dental_exec__patient")
    field = next(f for f in step["fields"] if f["field"] == "Assigned_To__c")
    assert {state for state in field if state not in ("field", "classes")} == {"equal"}
    arrived = migration.query_org(
        "select Migration_Key__c, Assigned_To__c from Account where Assigned_To__c != null"
    )
    assert len(arrived) == field["equal"] > 10
    for record in arrived:
        assert record["Assigned_To__c"] == written[record["Migration_Key__c"]]
    migration.stop_org()


def test_a_real_org_is_refused(tmp_path: Path) -> None:
    done = run_demo(tmp_path / "home", SF_INSTANCE_URL="https://example.my.salesforce.com")
    assert done.returncode == 3
    assert "SF_INSTANCE_URL" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_failing_stage_shows_its_last_lines(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "raw").write_text("in the way")
    done = run_demo(home)
    assert done.returncode not in (0, 130)
    assert "load-raw" in done.stderr and os.sep + "demo-load-raw.log" in done.stderr
