"""`load-sf sample`: a closed slice, loaded as a run of its own, and what its diff says."""

import csv
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .conftest import Migration, Rows, example

LOOKUPS = {
    "Contact": ("AccountId", "Guarantor__c"),
    "Insurance_Detail__c": ("Contact__c", "Subscriber__c", "Carrier__c"),
}


def practice() -> Rows:
    """Twelve families; the second patient of each is insured with the next family's first."""
    rows = example(families=12)
    for f in range(12):
        insurance = rows["t__insurance"][4 * f + 1]
        insurance["Subscriber__r.Migration_Key__c"] = f"p:patient:{(f + 1) % 12}-0"
    return rows


def with_problem(migration: Migration, mart: str, key: str, field: str, class_: str) -> None:
    """Has a mart report a row, which loads without the field."""
    found = {
        **{"field": field, "class": class_, "value": "secret-value", "held_back": False},
        **{"action": "Correct it.", "file": None, "line": None},
    }
    with duckdb.connect(str(migration.home / "warehouse.duckdb")) as con:
        con.execute(
            f'update salesforce.{mart} set _problems = [?], "{field}" = null,'
            " _row_hash = 'h' || _row_hash where \"Migration_Key__c\" = ?",
            [found, key],
        )


@pytest.fixture
def home(deployed: Path, tmp_path: Path) -> Iterator[Migration]:
    """The twelve families, built and not loaded."""
    shutil.copytree(deployed, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home")
    made.build(practice())
    yield made
    made.stop_org()


def cells(migration: Migration) -> list[dict[str, str]]:
    file = migration.home / "reports" / "sample_diff.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def loaded(migration: Migration, sobject: str, *fields: str) -> list[dict[str, Any]]:
    columns = ", ".join(["Id", "Migration_Key__c", *fields])
    return migration.soql(f"SELECT {columns} FROM {sobject} WHERE Migration_Key__c != null")


def test_a_slice_is_closed_and_always_the_same(home: Migration) -> None:
    """The rare class is in it, nothing points outside, and what was loaded is not sent again."""
    with_problem(home, "t__insurance", "p:insurance:7-3-P", "Group_Number__c", "too_long")
    said = home.json("sample", "--patients", "2")
    assert (said["patients"], said["rejected"], said["not_shown"]) == (2, 0, [])
    assert "t__insurance: too_long" in said["shown"]
    ids = {r["Id"] for o in ("Account", "Contact") for r in loaded(home, o)}
    for sobject, fields in LOOKUPS.items():
        for record in loaded(home, sobject, *fields):
            assert {record[f] for f in fields} - {None} <= ids
    contacts = {r["Migration_Key__c"] for r in loaded(home, "Contact")}
    insured = {r["Migration_Key__c"] for r in loaded(home, "Insurance_Detail__c")}
    assert "p:insurance:7-3-P" in insured and len(insured) == 2
    # A patient who is only looked up comes without what belongs to them.
    assert {"p:patient:7-3", "p:patient:7-0"} <= contacts and len(contacts) > 2
    assert (
        len(contacts) + len(insured) + len(loaded(home, "Account")) + len(contacts)
        == (said["records"])
    )
    again = home.json("sample", "--patients", "2")
    assert (again["run"], again["records"]) == (None, said["records"])
    # It ends as a run without a sample would.
    run = home.json("run")
    assert run["sent"] < 12 * 4 * 3
    assert home.json("verify")["equal"]


def test_the_diff_names_what_became_of_each_field(home: Migration) -> None:
    """Without --patients a practice this small goes whole; a value somebody changes in the org
    since is found by the next sample, which sends nothing."""
    with_problem(home, "t__patient", "p:patient:3-1", "Chart_Number__c", "too_long")
    said = home.json("sample")
    assert said["fields"]["missing"] == said["fields"]["differs"] == 0
    kinds = {r["run"]: r for r in home.json("status")["runs"]}
    assert kinds[said["run"]]["state"] == "done"
    found = {(c["step"], c["key"], c["field"]): c for c in cells(home)}
    assert len(found) == sum(
        sum(f[s] for s in f if s not in ("field", "classes"))
        for step in said["steps"]
        for f in step["fields"]
    )
    left_out = found["t__patient", "p:patient:3-1", "Chart_Number__c"]
    assert (left_out["state"], left_out["problem"]) == ("left empty", "too_long")
    assert left_out["todo"] == "Correct it."
    name = found["t__patient", "p:patient:3-1", "FirstName"]
    assert (name["mart"], name["salesforce"]) == ("Zoë 1", "Zoë 1")
    assert name["rule"] == "What FirstName holds."
    assert (name["file"], name["practice"]) == ("file.csv", "p")
    record = name["id"]
    assert record.startswith("003")
    family = found["t__patient", "p:patient:3-1", "Account.Migration_Key__c"]
    assert family["salesforce"] == "p:family:3"
    home.rest("PATCH", f"sobjects/Contact/{record}", json={"FirstName": "=1+1", "LastName": "<b>"})
    out = home.sf("sample", code=1)
    assert "2 fields are not as they were sent" in out
    assert not any(word in out for word in ("Zoë", "=1+1", "secret-value", "<b>"))
    changed = {(c["key"], c["field"]): c for c in cells(home) if c["state"] == "differs"}
    # A spreadsheet takes no value for a formula.
    assert changed["p:patient:3-1", "FirstName"]["salesforce"] == "'=1+1"
    page = home.home / "reports" / "sample_diff.html"
    content = page.read_text(encoding="utf-8")
    assert "&lt;b&gt;" in content and "<b>Zoë" not in content and "://" not in content
    for file in (page, page.with_suffix(".csv")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_record_that_is_refused_is_named(home: Migration) -> None:
    with duckdb.connect(str(home.home / "warehouse.duckdb")) as con:
        con.execute(
            "update salesforce.t__insurance set \"Priority__c\" = 'Third',"
            " _row_hash = 'x' where \"Migration_Key__c\" = 'p:insurance:0-0-P'"
        )
    said = home.json("sample", code=4)
    assert said["rejected"] == 1
    missing = [c for c in cells(home) if c["state"] == "missing"]
    assert {c["key"] for c in missing} == {"p:insurance:0-0-P"}
    assert "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" in (
        (home.home / "reports" / "sample_diff.html").read_text(encoding="utf-8")
    )
    assert "1 records refused" in home.sf("approve")


def test_what_keeps_a_sample_from_loading(home: Migration) -> None:
    home.control("PATCH", "switches", {"is_sandbox": False})
    assert "is a production org" in home.sf("sample", code=3)
    home.json("sample", "--patients", "1", "--yes-production")
    home.control("PATCH", "switches", {"is_sandbox": True})
    # Made-up values never take the place of real ones.
    assert "unmasked already" in home.sf("sample", "--mask", code=3)
    home.build(practice(), t__patient="error")
    assert "t__patient ended as error" in home.sf("sample", code=3)


def test_a_killed_sample_is_carried_on(home: Migration) -> None:
    """A masked one stays masked, whatever is asked for the next time."""
    process = home.start("sample", "--mask")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        files = list((home.home / "runs").glob("*/progress.json"))
        if files and '"created": 12' in files[0].read_text():
            break
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    said = home.json("sample")
    assert said["masked"] and said["fields"]["masked"] and not said["fields"]["missing"]
    (only,) = home.json("status")["runs"]
    assert (only["run"], only["state"]) == (said["run"], "done")
    # A run that is open is nothing a sample goes on with.
    with duckdb.connect(str(home.home / "manifest.duckdb")) as con:
        con.execute("update runs set kind = 'run', state = 'running'")
    assert "`load-sf run` carries it on" in home.sf("sample", code=3)


def test_a_mask_leaves_no_value_behind(home: Migration) -> None:
    """And a run sends the real ones in its place."""
    rows = practice()
    home.build(rows)
    first = home.json("sample", "--mask")
    assert home.json("sample", "--mask")["run"] is None
    masked = loaded(home, "Contact", "FirstName", "LastName", "Birthdate", "Description")
    assert len(masked) == 48
    for record in masked:
        assert record["FirstName"].startswith("Masked-")
        assert record["LastName"].startswith("Masked-")
        assert record["Birthdate"].endswith("-01-01")
        assert record["Description"] == "Masked text (9 characters)"
    families = loaded(home, "Account", "Phone", "BillingStreet", "BillingPostalCode", "Name")
    for family in families:
        assert family["Phone"].startswith("(555) 555-01")
        assert family["BillingStreet"].endswith(" Masked Street")
        assert family["BillingPostalCode"] == "00000"
        assert family["Name"].startswith("Masked-")
    kept = {c["field"] for c in cells(home) if c["state"] == "masked"}
    assert not kept & {"Account_Kind__c", "Balance_0_30__c", "Clinical_Alert__c"}
    found = home.json("verify", code=1)
    assert not found["equal"]
    assert first["records"] > home.json("run")["rejected"] == 0
    assert home.json("verify")["equal"]
