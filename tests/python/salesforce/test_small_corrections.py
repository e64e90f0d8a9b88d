"""A few updates go by sObject Collections: the same records as a Bulk job makes, fewer calls."""

import copy
from typing import Any

import pytest

from .conftest import Migration, Rows, example
from .test_files import wait_until_struck
from .test_interrupted import through

COLLECTION = {"method": "PATCH", "path": "^/composite/sobjects"}


@pytest.fixture
def loaded(ready: Migration) -> Migration:
    """The example in the org, with a field that goes with new records only."""
    marts = copy.deepcopy(ready.marts)
    chart = next(c for c in marts["t__insurance"][1] if c[0] == "Group_Number__c")
    chart[2]["create_only"] = True
    ready.marts = marts
    ready.build(example())
    ready.sf("run")
    return ready


def changed() -> Rows:
    """Every kind of change to what the org has: set, cleared, looked up, ticked, a number."""
    rows = example()
    rows["t__family"][1] |= {"Name": 'A "new" name\\', "Phone": None, "Balance_0_30__c": -0.5}
    rows["t__family"][2] |= {"BillingStreet": "1 Süd St\r\nUnit 9", "Balance_0_30__c": None}
    rows["t__patient"][5] |= {
        "FirstName": "Zoë\t😀",
        "Is_Provider__c": True,
        "Clinical_Alert__c": None,
        "Original_Patient_Create_Date__c": None,
        "Birthdate": "2001-12-31",
        "Account.Migration_Key__c": "p:family:2",
    }
    rows["t__guarantor"][6]["Guarantor__r.Migration_Key__c"] = None
    rows["t__guarantor"][7]["Guarantor__r.Migration_Key__c"] = "p:patient:0-0"
    rows["t__insurance"][0] |= {
        "Carrier__r.Migration_Key__c": "p:family:2",
        "Group_Number__c": "not sent",
    }
    rows["t__insurance"][1] |= {"Subscriber__r.Migration_Key__c": None, "Priority__c": "Secondary"}
    return rows


def assert_as_changed(org: Migration) -> None:
    org.environment = {}
    assert org.json("run")["sent"] == 0
    verified = org.json("verify", code=1)
    wrong = {s["step"]: s["differences"] for s in verified["steps"] if s["differences"]}
    # What goes with new records only stays as it was, and verify says so.
    assert {d["field"] for d in wrong.pop("t__insurance")} == {"Group_Number__c"}
    assert wrong == {}
    assert len(org.soql("SELECT Id FROM Contact")) == 12


def test_every_kind_of_change_arrives_without_a_bulk_job(loaded: Migration) -> None:
    loaded.build(changed())
    loaded.arm()
    said = loaded.json("run")
    steps = {s["step"]: s["updated"] for s in said["runs"][0]["steps"]}
    assert steps == {"t__family": 2, "t__patient": 1, "t__guarantor": 2, "t__insurance": 2}
    asked = loaded.noted()
    assert [p for m, p in asked if m == "POST" and p.startswith("/jobs/ingest")] == []
    assert len([p for m, p in asked if m == "PATCH"]) == 4
    assert_as_changed(loaded)


FAULTS: list[dict[str, Any]] = [
    COLLECTION | {"status": 503},
    COLLECTION | {"reset": "after", "after": 1},
    COLLECTION | {"reset": "before", "after": 2},
    {"object": "Account", "locked": True, "keys": ".*"},
]


def test_passing_faults_leave_no_trace(loaded: Migration) -> None:
    loaded.build(changed())
    through(loaded)
    loaded.arm(*FAULTS)
    assert loaded.json("run")["rejected"] == 0
    assert_as_changed(loaded)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_sending(loaded: Migration, when: str) -> None:
    loaded.build(changed())
    through(loaded)
    loaded.arm(COLLECTION | {"stall": 5, "when": when, "after": 1})
    process = loaded.start("run")
    wait_until_struck(loaded, process)
    process.kill()
    process.communicate(timeout=60)
    loaded.arm()
    assert loaded.json("run")["runs"][0]["state"] == "done"
    assert_as_changed(loaded)


def test_what_is_refused_is_refused_alone(loaded: Migration) -> None:
    rows = changed()
    rows["t__family"][0]["Account_Kind__c"] = "Sailing Club"
    rows["t__patient"][9]["Account.Migration_Key__c"] = "p:family:nobody"
    loaded.build(rows)
    said = loaded.json("run", code=4)
    assert said["rejected"] == 2
    assert {s["step"]: s["updated"] for s in said["runs"][0]["steps"]} == {
        "t__family": 2, "t__patient": 1, "t__guarantor": 2, "t__insurance": 2,
    }  # fmt: skip
    loaded.build(changed())
    assert_as_changed(loaded)


def test_two_hundred_updates_are_a_job(ready: Migration) -> None:
    rows = example(families=25, patients=8)
    ready.build(rows)
    ready.sf("run")
    for row in rows["t__patient"]:
        row["FirstName"] = "Anna"
    ready.build(rows)
    ready.arm()
    assert ready.json("run")["sent"] == 200
    asked = ready.noted()
    assert len([p for m, p in asked if m == "POST" and p == "/jobs/ingest"]) == 1
    assert [p for m, p in asked if p.startswith("/composite")] == []
