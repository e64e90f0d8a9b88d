"""`load-sf verify`: finds what is other in the org, whatever it is."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from .conftest import Migration, example


def test_every_planted_change_is_found(shared: Migration) -> None:
    assert shared.json("verify")["equal"]
    ids = {
        r["Migration_Key__c"]: r["Id"]
        for sobject in ("Account", "Contact", "Insurance_Detail__c")
        for r in shared.soql(f"SELECT Id, Migration_Key__c FROM {sobject}")
    }
    changes = [
        ("Account", "p:family:0", {"Balance_0_30__c": 12.51}, {"Balance_0_30__c": 12.5}),
        ("Contact", "p:patient:0-1", {"FirstName": "zoë 1"}, {"FirstName": "Zoë 1"}),
        (
            "Contact",
            "p:patient:0-2",
            {"Original_Patient_Create_Date__c": "2019-05-06T07:08:10.000Z"},
            {"Original_Patient_Create_Date__c": "2019-05-06T07:08:09.000Z"},
        ),
        (
            "Contact",
            "p:patient:1-1",
            {"AccountId": ids["p:family:0"]},
            {"AccountId": ids["p:family:1"]},
        ),
        ("Contact", "p:patient:2-1", {"Is_Provider__c": True}, {"Is_Provider__c": False}),
        (
            "Insurance_Detail__c",
            "p:insurance:0-0-P",
            {"Group_Number__c": "=1+1"},
            {"Group_Number__c": "G0"},
        ),
    ]
    for sobject, key, planted, _ in changes:
        shared.rest("PATCH", f"sobjects/{sobject}/{ids[key]}", json=planted)
    stray = shared.rest(
        "POST", "sobjects/Account", json={"Name": "stray", "Migration_Key__c": "p:family:stray"}
    )["id"]
    try:
        said = shared.json("verify", code=1)
    finally:
        for sobject, key, _, original in changes:
            shared.rest("PATCH", f"sobjects/{sobject}/{ids[key]}", json=original)
        shared.rest("DELETE", f"sobjects/Account/{stray}")
    found = {
        (step["step"], d["field"]): d["keys"] for step in said["steps"] for d in step["differences"]
    }
    assert found == {
        ("t__family", "Balance_0_30__c"): ["p:family:0"],
        ("t__patient", "FirstName"): ["p:patient:0-1"],
        ("t__patient", "Original_Patient_Create_Date__c"): ["p:patient:0-2"],
        ("t__patient", "Account.Migration_Key__c"): ["p:patient:1-1"],
        ("t__patient", "Is_Provider__c"): ["p:patient:2-1"],
        ("t__insurance", "Group_Number__c"): ["p:insurance:0-0-P"],
    }
    assert said["money"] == [
        {
            **{"step": "t__family", "object": "Account", "field": "Balance_0_30__c"},
            **{"mart": "40.50", "org": "40.51", "by": "records", "groups": 3, "differing": 1},
            **{"kept": 0, "keys": ["p:family:0"]},
        }
    ]
    assert said["unexpected"] == [{"object": "Account", "count": 1, "keys": ["p:family:stray"]}]
    reports = shared.home / "reports"
    assert json.loads((reports / "verify.json").read_text()) == said
    details = reports / "verify_differences.csv"
    assert details.stat().st_mode & 0o077 == 0
    with details.open(newline="", encoding="utf-8") as file:
        cells = {(r["key"], r["field"]): r for r in csv.DictReader(file)}
    assert cells["p:insurance:0-0-P", "Group_Number__c"]["org"] == "'=1+1"
    assert cells["p:patient:1-1", "Account.Migration_Key__c"]["org"] == "p:family:0"


def test_what_is_missing_is_counted(ready: Migration) -> None:
    ready.sf("run", "--only", "t__family")
    said = ready.json("verify", code=1)
    assert {s["step"]: s["missing"] for s in said["steps"]} == {
        "t__family": 0,
        "t__patient": 12,
        "t__guarantor": 0,
        "t__insurance": 12,
    }
    assert "t__patient" in ready.sf("run", "--only", "nobody", code=2)


def test_a_sample_reads_less(shared: Migration) -> None:
    shared.build(example())
    said = shared.json("verify", "--sample", "40%")
    assert said["equal"]
    assert 0 < sum(s["found"] for s in said["steps"]) < 39


def test_what_is_gone_from_the_source_is_named_and_no_difference(ready: Migration) -> None:
    ready.sf("run")
    rows = example()
    gone = rows["t__insurance"].pop()
    ready.build(rows)
    said = ready.json("verify")
    assert said["equal"] and said["unexpected"] == []
    key = gone["Migration_Key__c"]
    assert said["gone"] == [{"object": "Insurance_Detail__c", "count": 1, "keys": [key]}]


REFUSED = {"row_error": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "rounds": 0, "message": "no"}


def test_rows_the_org_refused_are_named_and_no_agreement(ready: Migration) -> None:
    """One that the org has not, with all that hangs on it, and one that it has as it was before."""
    ready.arm(REFUSED | {"object": "Contact", "keys": "p:patient:1-3"})
    ready.sf("run", code=4)
    rows = example()
    rows["t__family"][1]["Balance_0_30__c"] = 999
    ready.build(rows)
    ready.arm(
        REFUSED | {"object": "Contact", "keys": "p:patient:1-3"},
        REFUSED | {"object": "Account", "keys": "p:family:1"},
    )
    ready.sf("run", code=4)
    said = ready.json("verify", code=1)
    assert not said["equal"]
    refused = {
        s["step"]: (s["rejected"], s["refused_missing"], s["refused_differing"], s["refused_keys"])
        for s in said["steps"]
        if s["rejected"]
    }
    assert refused == {
        "t__family": (1, 0, 1, ["p:family:1"]),
        "t__patient": (1, 1, 0, ["p:patient:1-3"]),
        "t__insurance": (1, 1, 0, ["p:insurance:1-3-P"]),
    }
    # They are of their own kind: nobody has to look for another reason.
    assert not any(s["missing"] or s["differences"] for s in said["steps"])
    assert {s["step"]: (s["expected"], s["found"]) for s in said["steps"]}["t__patient"] == (12, 11)
    with (ready.home / "reports" / "verify_differences.csv").open(newline="") as file:
        listed = [(r["kind"], r["key"], r["field"], r["org"]) for r in csv.DictReader(file)]
    assert listed == [
        ("refused by the org", "p:family:1", "Balance_0_30__c", "13.500000000"),
        ("refused by the org", "p:insurance:1-3-P", "", ""),
        ("refused by the org", "p:patient:1-3", "", ""),
    ]
    words = ready.sf("verify", code=1)
    assert "refused by the org: 1 rows are missing, 0 are as they were before" in words
    assert "exactly" not in words


def test_what_is_held_back_since_it_was_loaded_is_named(ready: Migration) -> None:
    ready.sf("run")
    rows = example()
    held = "p:patient:2-3"
    for step in ("t__patient", "t__guarantor", "t__insurance"):
        rows[step][11]["_held_back"] = True
    rows["t__patient"][11]["LastName"] = "Other"
    # A row that was never loaded may be held back as well.
    new = rows["t__patient"][0] | {"Migration_Key__c": "p:patient:9-9", "_held_back": True}
    rows["t__patient"].append(new)
    ready.build(rows)
    ran = ready.run("run", code=0)
    assert "3 records were loaded before and are held back now" in " ".join(ran.stderr.split())
    with (ready.home / "reports" / "held_back_now.csv").open(newline="") as file:
        listed = {(r["step"], r["key"], r["differs"]) for r in csv.DictReader(file)}
    assert listed == {
        ("t__patient", held, "true"),
        ("t__guarantor", held, "false"),
        ("t__insurance", "p:insurance:2-3-P", "false"),
    }
    planned = {s["step"]: s["held_back_now"] for s in ready.json("plan")["steps"]}
    assert planned == {"t__family": 0, "t__patient": 1, "t__guarantor": 1, "t__insurance": 1}
    assert "loaded before and are held back now" in " ".join(ready.sf("plan").split())
    said = ready.json("verify")
    assert said["equal"]
    assert [(h["step"], h["count"], h["keys"]) for h in said["held_back_now"]] == [
        ("t__patient", 1, [held]),
        ("t__guarantor", 1, [held]),
        ("t__insurance", 1, ["p:insurance:2-3-P"]),
    ]
    assert sum(h["count"] for h in ready.json("verify", "--sample", "100%")["held_back_now"]) == 3
    words = ready.sf("verify")
    assert "exactly" not in words and "3 records beside it" in words
    ready.build(example())
    ready.sf("run")
    assert not (ready.home / "reports" / "held_back_now.csv").exists()
    assert "exactly" in ready.sf("verify")


def test_an_amount_an_adoption_kept_is_no_difference(ready: Migration) -> None:
    theirs = {"Name": "Old One", "Balance_0_30__c": 5}
    made = ready.rest("POST", "sobjects/Account", json=theirs)["id"]
    rows = example()
    rows["t__family"][0]["_adopt_id"] = made
    ready.build(rows)
    ready.sf("run")
    said = ready.json("verify")
    [money] = said["money"]
    assert said["equal"] and (money["differing"], money["kept"]) == (0, 1)
    assert (money["mart"], money["org"]) == ("28.00", "28.00")
    assert "1 kept as they were found are left out" in " ".join(ready.sf("verify").split())


@pytest.mark.parametrize("what", ["failed", "another generation", "another org"])
def test_marts_that_must_not_load_are_nothing_to_verify_by(
    shared: Migration, tmp_path: Path, what: str
) -> None:
    link = shared.home / "raw" / "current"
    generation = link.readlink()
    shared.build(example())
    try:
        if what == "failed":
            shared.build(example(), t__patient="error")
            words = "model t__patient ended as error"
        elif what == "another generation":
            shared.sf("pull")
            generation = link.readlink()
            words = "is from before the last landing or pull"
        else:
            link.unlink()
            link.symlink_to(pulled_elsewhere(shared.home / "raw" / generation, tmp_path / "raw"))
            words = "The marts were built for org 00D000000000099AAA"
        said = shared.sf("verify", code=3)
    finally:
        link.unlink()
        link.symlink_to(generation)
        shared.build(example())
    assert words in " ".join(said.split()) and "exactly" not in said
    assert shared.json("verify")["equal"]


def pulled_elsewhere(generation: Path, copy: Path) -> Path:
    """A copy of what was landed, as if it had been pulled from another org."""
    shutil.copytree(generation, copy)
    folder = copy / "salesforce" / "organization"
    with duckdb.connect() as con:
        con.execute(f"create table told as from '{folder}/*.parquet'")
        con.execute("update told set organization_id = '00D000000000099AAA'")
        shutil.rmtree(folder)
        folder.mkdir()
        con.execute(f"copy told to '{folder}/told.parquet' (format parquet)")
    return copy
