"""`load-sf verify`: finds what is other in the org, whatever it is."""

import csv
import json

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
            "keys": ["p:family:0"],
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
