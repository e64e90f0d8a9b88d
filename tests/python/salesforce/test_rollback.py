"""`load-sf rollback`: the org is as it was before the run, but for what people did since."""

import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import MARTS, Migration, Rows, example
from .test_files import FILE, filed, wait_until_struck
from .test_interrupted import through, wait_until_done
from .test_superseded import EVENT, VISIT, event, visit

ALL = MARTS | {
    "t__event": ({"object": "Event", "operation": "upsert", "supersedes": "t__visit"}, EVENT),
    "t__visit": ({"object": "Task", "operation": "upsert", "supersedes": "t__event"}, VISIT),
    "t__file": ({"object": "ContentVersion", "operation": "upsert"}, FILE),
}
FIELDS = {
    "Account": "Migration_Key__c, Name, Account_Kind__c, Phone, BillingStreet, BillingPostalCode,"
    " Balance_0_30__c",
    "Contact": "Migration_Key__c, FirstName, LastName, Birthdate, Is_Provider__c, Chart_Number__c,"
    " Clinical_Alert__c, Clinical_Alert_Details__c, Original_Patient_Create_Date__c, Description,"
    " Account.Migration_Key__c, Guarantor__r.Migration_Key__c",
    "Insurance_Detail__c": "Migration_Key__c, Contact__r.Migration_Key__c,"
    " Subscriber__r.Migration_Key__c, Priority__c, Group_Number__c, Eligibility_Start__c",
    "Event": "Migration_Key__c, Subject, StartDateTime, EndDateTime, WhatId",
    "Task": "Migration_Key__c, Subject, ActivityDate, Status, WhatId",
    "ContentVersion": "Migration_Key__c, Title, Checksum, Document_Category__c, Captured_Date__c,"
    " ContentDocumentId",
}
Snapshot = dict[str, dict[str, Any]]


def loaded() -> Rows:
    """The first load: families, patients, insurances and appointments to come."""
    return example() | {"t__event": [event(n) for n in range(3)], "t__visit": []}


def with_files(org: Migration, rows: Rows, *, later: bool = False) -> Rows:
    data = [b"image %d%s" % (n, b" retouched" if later and n == 1 else b"") for n in range(3)]
    rows["t__file"] = [filed(org.home, n, each) for n, each in enumerate(data)]
    return rows


def delta(org: Migration) -> Rows:
    """What changed since: values, a cleared one, one that went into the field before, a new family
    with a patient, a patient who moved to it, another guarantor, a visit that took place, files
    with other bytes, fields and place."""
    rows = with_files(org, loaded(), later=True)
    rows["t__family"][0] |= {"Phone": "(555) 555-9999", "BillingStreet": None}
    # Side by side both fields are what they were.
    rows["t__family"][1] |= {"BillingStreet": "1 Main St\nUnit 210481", "BillingPostalCode": None}
    rows["t__patient"][5] |= {"Clinical_Alert__c": None, "Description": None}
    more = example(families=4)
    rows["t__family"].append(more["t__family"][3])
    rows["t__patient"] += more["t__patient"][12:]
    rows["t__guarantor"] += more["t__guarantor"][12:]
    rows["t__insurance"] += more["t__insurance"][12:]
    rows["t__patient"][2]["Account.Migration_Key__c"] = "p:family:3"
    rows["t__guarantor"][1]["Guarantor__r.Migration_Key__c"] = "p:patient:3-0"
    rows["t__event"] = [event(0), event(2)]
    rows["t__visit"] = [visit(1)]
    rows["t__file"][0] |= {"Title": "Renamed", "Captured_Date__c": None}
    rows["t__file"][2]["FirstPublishLocation.Migration_Key__c"] = "p:family:3"
    rows["t__file"].append(filed(org.home, 3, b"image 3"))
    return rows


def snapshot(org: Migration, objects: Iterable[str] = FIELDS) -> Snapshot:
    """Every field this project writes, of every record; one that never had our key by its Id."""
    found: Snapshot = {}
    for sobject in objects:
        for row in org.soql(f"SELECT Id, {FIELDS[sobject]} FROM {sobject}"):
            number = row.pop("Id")
            if sobject == "ContentVersion" and row["Migration_Key__c"] is None:
                continue
            for name, value in row.items():
                if isinstance(value, dict):
                    row[name] = value["Migration_Key__c"]
            found[f"{sobject} {row['Migration_Key__c'] or number}"] = row
    links = org.soql(
        "SELECT ContentDocumentId, LinkedEntityId FROM ContentDocumentLink WHERE LinkedEntityId IN"
        " (SELECT Id FROM Account)"
    )
    for link in links:
        found[f"link {link['ContentDocumentId']} {link['LinkedEntityId']}"] = link
    return found


def load_first(home: Path) -> Path:
    """Makes a home whose first load is in the org."""
    made = Migration(home, marts=ALL)
    made.sf("pull")
    made.build(with_files(made, loaded()))
    made.sf("schema", "deploy")
    made.sf("run")
    made.stop_org()
    return home


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose first load is in the org, to be copied."""
    return load_first(tmp_path_factory.mktemp("rollback") / "home")


@pytest.fixture
def org(first: Path, tmp_path: Path) -> Iterator[Migration]:
    shutil.copytree(first, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home", marts=ALL)
    yield made
    made.stop_org()


def find(org: Migration, sobject: str, key: str) -> str:
    (row,) = org.soql(f"SELECT Id FROM {sobject} WHERE Migration_Key__c = '{key}'")
    return str(row["Id"])


def later() -> None:
    """People come when the second is over in which a run ended: the org keeps time by seconds."""
    time.sleep(1.1)


def test_a_delta_gives_back_what_was(org: Migration) -> None:
    before = snapshot(org)
    org.build(delta(org))
    sent = org.json("run")["sent"]
    after = snapshot(org)
    assert after != before
    dry = org.json("rollback", "last", "--dry-run")
    assert snapshot(org) == after
    said = org.json("rollback", "last")
    assert (said["equal"], said["left_count"], said["refused"]) == (True, 0, []), said
    assert sum(s["to_delete"] for s in dry["steps"]) == sum(s["deleted"] for s in said["steps"])
    assert [each["key"] for each in said["put_back"]] == ["p:evt:1"]
    assert snapshot(org) == before
    assert org.json("status")["runs"][-2]["state"] == "rolled back"
    assert "rolled back already" in org.sf("rollback", said["run"], code=3)
    # What the run sent is sent again, and the first load can be undone too.
    assert org.json("run")["sent"] == sent
    assert {k: v for k, v in snapshot(org).items() if "link" not in k and "Version" not in k} == {
        k: v for k, v in after.items() if "link" not in k and "Version" not in k
    }
    org.sf("rollback", "last")
    assert snapshot(org) == before
    said = org.json("rollback", "last")
    assert (said["equal"], said["left_count"]) == (True, 0), said
    assert snapshot(org) == {}
    assert org.soql("SELECT Id FROM ContentDocument") == []
    assert "No run is left" in org.sf("rollback", "last", code=3)


def test_what_people_did_since_stays_and_is_named(org: Migration) -> None:
    """The first load is undone, after people edited three records and hung an opportunity under a
    family."""
    later()
    org.rest("PATCH", f"sobjects/Contact/{find(org, 'Contact', 'p:patient:0-1')}",
             json={"Description": "theirs"})  # fmt: skip
    insurance = find(org, "Insurance_Detail__c", "p:insurance:0-2-P")
    org.rest("PATCH", f"sobjects/Insurance_Detail__c/{insurance}", json={"Group_Number__c": "T"})
    org.rest("PATCH", f"sobjects/Event/{find(org, 'Event', 'p:evt:1')}", json={"Location": "here"})
    family = find(org, "Account", "p:family:1")
    given = {"Name": "Whitening", "StageName": "Prospecting", "CloseDate": "2026-12-01"}
    opportunity = org.rest("POST", "sobjects/Opportunity", json=given | {"AccountId": family})["id"]
    before = snapshot(org)
    said = org.json("rollback", "last")
    assert (said["equal"], said["refused"], said["unasked"]) == (True, [], []), said
    left = {each["key"] for each in said["left"]}
    assert left == {
        *("p:patient:0-1", "p:insurance:0-2-P", "p:evt:1"),
        # The patient of the insurance, its subscriber and their family; the event's family too.
        *("p:patient:0-2", "p:patient:0-0", "p:family:0", "p:family:1"),
    }
    after = snapshot(org)
    assert {str(row.get("Migration_Key__c")) for row in after.values()} == left
    assert all(before[name] == row for name, row in after.items())
    assert org.soql("SELECT Id, AccountId FROM Opportunity") == [
        {"Id": opportunity, "AccountId": family}
    ]
    # They are known still, with the guarantors of two: a run sends what is gone, and none of them.
    assert org.json("run")["sent"] == 42 - len(left) - 2


def test_nothing_changes_hands_while_another_run_came_after(org: Migration) -> None:
    first = org.json("status")["runs"][0]["run"]
    org.build(delta(org))
    second = org.json("run")["runs"][0]["run"]
    assert second in org.sf("rollback", first, code=3)
    assert "has no run nonsense" in org.sf("rollback", "nonsense", code=3)


@pytest.mark.long
def test_a_refused_delete_is_named_and_tried_again(org: Migration) -> None:
    before = snapshot(org)
    org.build(delta(org))
    org.sf("run")
    org.arm({"object": "Insurance_Detail__c", "operation": "delete", "row_error": "DELETE_FAILED",
             "message": "no", "keys": ".*"})  # fmt: skip
    said = org.json("rollback", "last", code=4)
    assert {each["code"] for each in said["refused"]} == {"DELETE_FAILED"}
    assert find(org, "Contact", "p:patient:3-0") and find(org, "Account", "p:family:3")
    org.arm()
    said = org.json("rollback", "last")
    assert (said["equal"], said["left_count"]) == (True, 0), said
    assert snapshot(org) == before


KILLS = [
    ("PUT", "/batches$"),
    ("PATCH", "^/jobs/ingest/"),
    ("GET", "/successfulResults"),
    ("POST", "^/(sobjects/ContentVersion|composite/sobjects)$"),
    ("DELETE", "^/composite/sobjects"),
]


def test_killed_again_and_again_it_ends_the_same(org: Migration) -> None:
    before = snapshot(org)
    org.build(delta(org))
    org.sf("run")
    through(org)
    for method, path in KILLS:
        org.arm({"method": method, "path": path, "stall": 30, "when": "after"})
        process = org.start("rollback", "last")
        wait_until_done(org, method, path)
        process.kill()
        process.communicate(timeout=60)
    org.arm()
    assert "rollback is under way" in org.sf("run", code=3)
    said = org.json("rollback", "last")
    assert (said["equal"], said["left_count"], said["refused"]) == (True, 0, []), said
    org.environment = {}
    assert snapshot(org) == before


@pytest.mark.parametrize(
    ("method", "path", "when"),
    [("PATCH", "^/jobs/ingest/", "after"), ("POST", "^/composite/sobjects$", "after")],
)
def test_a_run_that_broke_off_and_took_a_record_over(
    org: Migration, method: str, path: str, when: str
) -> None:
    """Killed with a job under way, or with a file whose old version has given up its key."""
    given = {"Name": "Theirs", "BillingStreet": "2 Elm St"}
    account = org.rest("POST", "sobjects/Account", json=given)["id"]
    opportunity = {"Name": "T", "StageName": "Prospecting", "CloseDate": "2026-12-01"}
    org.rest("POST", "sobjects/Opportunity", json=opportunity | {"AccountId": account})
    before = snapshot(org)
    rows = delta(org)
    rows["t__family"].append(example(families=5)["t__family"][4] | {"_adopt_id": account})
    org.build(rows)
    through(org)
    org.arm({"method": method, "path": path, "stall": 30, "when": when, "after": 1})
    process = org.start("run")
    wait_until_struck(org, process)
    process.kill()
    process.communicate(timeout=60)
    org.arm()
    said = org.json("rollback", "last")
    assert (said["equal"], said["left_count"], said["refused"]) == (True, 0, []), said
    org.environment = {}
    assert snapshot(org) == before
    assert org.soql("SELECT AccountId FROM Opportunity") == [{"AccountId": account}]
