"""`load-sf rollback` of what is no plain run, and where others have a hand in it: deletions,
samples, records that were learnt from the org, people's files, many records with children."""

import base64
from typing import Any

import pytest

from .conftest import Migration, example
from .test_delete_missing import without
from .test_interrupted import wait_until_done
from .test_rollback import Snapshot, find, later
from .test_rollback import snapshot as whole


def snapshot(org: Migration) -> Snapshot:
    """Of the objects that the example fills."""
    return whole(org, ("Account", "Contact", "Insurance_Detail__c"))


@pytest.mark.long
def test_what_delete_missing_took_comes_back(ready: Migration) -> None:
    ready.sf("run")
    before = snapshot(ready)
    ready.build(without(example(), "p:family:2", "p:patient:2-0"))
    said = ready.json("run", "--delete-missing", "--delete-limit", "50%")
    assert said["missing_deleted"] == 9
    dry = ready.json("rollback", "last", "--dry-run")
    assert sum(step["to_put_back"] for step in dry["steps"]) == 9
    said = ready.json("rollback", "last")
    assert (said["equal"], said["left_count"], said["refused"]) == (True, 0, []), said
    assert {each["key"] for each in said["put_back"]} == set(deleted_keys())
    assert all(each["old_id"] != each["new_id"] for each in said["put_back"])
    assert snapshot(ready) == before
    # They are known again, under their new Ids, guarantors included.
    ready.build(example())
    assert ready.json("run")["sent"] == 0
    assert ready.json("verify")["equal"]


def deleted_keys() -> list[str]:
    keys = ["p:family:2"]
    for number in range(4):
        keys += [f"p:patient:2-{number}", f"p:insurance:2-{number}-P"]
    return keys


def test_a_sample_is_taken_back_like_a_run(ready: Migration) -> None:
    ready.sf("sample", "--patients", "2")
    assert snapshot(ready)
    said = ready.json("rollback", "last")
    assert (said["equal"], said["left_count"], said["refused"]) == (True, 0, []), said
    assert snapshot(ready) == {}
    assert ready.json("run")["sent"] == 36


def test_what_was_learnt_from_the_org_is_restored_and_never_deleted(ready: Migration) -> None:
    ready.sf("run")
    before = snapshot(ready)
    (ready.home / "manifest.duckdb").unlink()
    ready.sf("recover")
    rows = example()
    rows["t__family"][0]["Phone"] = "(555) 555-9999"
    rows["t__patient"][3]["Description"] = None
    rows["t__family"].append(example(families=4)["t__family"][3])
    ready.build(rows)
    assert ready.json("run")["sent"] == 3
    said = ready.json("rollback", "last")
    assert (said["equal"], said["left_count"], said["refused"]) == (True, 0, []), said
    assert [(s["step"], s["deleted"], s["restored"]) for s in said["steps"]] == [
        ("t__family", 1, 1),
        ("t__patient", 0, 1),
    ]
    assert snapshot(ready) == before
    assert "No run is left" in ready.sf("rollback", "last", code=3)


@pytest.mark.long
def test_a_proof_that_fails_is_told(ready: Migration) -> None:
    """Somebody writes into a record between its restoring and the proof."""
    ready.sf("run")
    rows = example()
    rows["t__family"][0]["Phone"] = "(555) 555-9999"
    ready.build(rows)
    ready.sf("run")
    results = "^/jobs/ingest/750[^/]+/failedResults$"
    ready.arm({"method": "GET", "path": results, "stall": 6, "when": "after"})
    process = ready.start("rollback", "last", "--json")
    wait_until_done(ready, "GET", results)
    later()
    family = find(ready, "Account", "p:family:0")
    ready.rest("PATCH", f"sobjects/Account/{family}", json={"Phone": "theirs"})
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, out + err
    assert '"equal": false' in out and "has other values" in out
    assert ready.json("status")["runs"][-2]["state"] == "done"
    # Looked at anew it is what somebody edited since.
    said = ready.json("rollback", "last")
    assert (said["equal"], [each["key"] for each in said["left"]]) == (True, ["p:family:0"]), said


def test_a_file_that_somebody_put_on_a_record_keeps_it(ready: Migration) -> None:
    ready.sf("run")
    later()
    family = find(ready, "Account", "p:family:1")
    theirs: dict[str, Any] = {"Title": "X-ray", "PathOnClient": "x.txt"}
    theirs["VersionData"] = base64.b64encode(b"theirs").decode()
    ready.rest("POST", "sobjects/ContentVersion", json=theirs | {"FirstPublishLocationId": family})
    said = ready.json("rollback", "last")
    assert (said["equal"], said["refused"]) == (True, []), said
    assert [each["key"] for each in said["left"]] == ["p:family:1"]
    assert [row for row in snapshot(ready) if "link" not in row] == ["Account p:family:1"]
    (file,) = ready.soql("SELECT Title FROM ContentVersion")
    assert file["Title"] == "X-ray"


@pytest.mark.long
def test_many_records_with_children_of_theirs(ready: Migration) -> None:
    """More than are asked for by Id: children are found all the same."""
    ready.build(example(400, 4))
    ready.sf("run")
    later()
    opportunity = {"Name": "T", "StageName": "Prospecting", "CloseDate": "2026-12-01"}
    for number in (0, 399):
        family = find(ready, "Account", f"p:family:{number}")
        ready.rest("POST", "sobjects/Opportunity", json=opportunity | {"AccountId": family})
    contact = find(ready, "Contact", "p:patient:7-3")
    ready.rest("POST", "sobjects/Task", json={"Subject": "Call", "WhoId": contact})
    said = ready.json("rollback", "last")
    assert (said["equal"], said["refused"], said["unasked"]) == (True, [], []), said
    # The patient's guarantor and family stay with the patient.
    assert {each["key"] for each in said["left"]} == {
        *("p:family:0", "p:family:399", "p:patient:7-3", "p:patient:7-0", "p:family:7"),
    }
    assert len(snapshot(ready)) == 5
    assert said["api_calls"] < 200, said["api_calls"]
