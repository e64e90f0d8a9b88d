"""`load-sf run`: what arrives in the org, and what is sent the second time."""

import copy
import time
from pathlib import Path

import duckdb

from .conftest import MARTS, Migration, Rows, example


def test_everything_arrives(shared: Migration) -> None:
    accounts = shared.soql(
        "SELECT Name, BillingStreet, Balance_0_30__c, Migration_Key__c FROM Account"
        " WHERE Migration_Key__c != null ORDER BY Migration_Key__c"
    )
    assert [a["Migration_Key__c"] for a in accounts] == [f"p:family:{n}" for n in range(3)]
    assert accounts[1]["Name"] == 'Fam, "1" Family'
    assert accounts[1]["BillingStreet"] == "1 Main St\nUnit 2"
    assert accounts[1]["Balance_0_30__c"] == 13.5
    contacts = shared.soql(
        "SELECT FirstName, Birthdate, Is_Provider__c, Clinical_Alert__c, Description,"
        " Clinical_Alert_Details__c, Original_Patient_Create_Date__c, AccountId, Guarantor__c,"
        " Account.Migration_Key__c, Guarantor__r.Migration_Key__c"
        " FROM Contact WHERE Migration_Key__c LIKE 'p:patient:1-%' ORDER BY Migration_Key__c"
    )
    assert len(contacts) == 4
    assert {c["FirstName"] for c in contacts} == {f"Zoë {n}" for n in range(4)}
    assert contacts[0]["Birthdate"] == "1970-02-03"
    assert contacts[0]["Is_Provider__c"] is False
    assert contacts[0]["Original_Patient_Create_Date__c"] == "2019-05-06T07:08:09.000+0000"
    assert set(contacts[1]["Clinical_Alert__c"].split(";")) == {"Latex", "Nuts"}
    assert contacts[2]["Clinical_Alert_Details__c"] == 'note "2",\nline two'
    assert contacts[0]["Guarantor__r"] is None
    assert contacts[3]["Guarantor__r"]["Migration_Key__c"] == "p:patient:1-0"
    assert contacts[3]["Account"]["Migration_Key__c"] == "p:family:1"
    insurance = shared.soql("SELECT Group_Number__c, Carrier__c FROM Insurance_Detail__c")
    assert len(insurance) == 12
    assert {i["Carrier__c"] for i in insurance} == {None}


def test_a_second_run_sends_nothing(shared: Migration) -> None:
    before = shared.calls()
    said = shared.json("run")
    assert said["sent"] == 0
    assert said["runs"] == []
    assert said["api_calls"] <= 10
    assert shared.calls() - before <= 10
    assert "Nothing to send" in shared.sf("run")
    assert len(shared.json("status")["runs"]) == 1


def test_files_are_private_and_csvs_are_gone(shared: Migration) -> None:
    files = [f for f in (shared.home / "runs").rglob("*") if f.is_file()]
    assert not [f for f in files if f.suffix == ".csv"]
    open_ones = [f for f in [*files, shared.home / "manifest.duckdb"] if f.stat().st_mode & 0o077]
    assert open_ones == []


def test_a_delta_sends_what_changed_and_clears_what_went(ready: Migration, rows: Rows) -> None:
    held = dict(rows["t__family"][0]) | {"Migration_Key__c": "p:family:held", "_held_back": True}
    rows["t__family"].append(held)
    ready.build(rows)
    assert ready.json("run")["sent"] == 3 + 12 + 9 + 12
    assert not ready.soql("SELECT Id FROM Account WHERE Migration_Key__c = 'p:family:held'")

    stamps = {
        r["Migration_Key__c"]: r["SystemModstamp"]
        for r in ready.soql("SELECT Migration_Key__c, SystemModstamp FROM Contact")
    }
    time.sleep(1.1)
    changed = rows["t__patient"][5]
    changed |= {"FirstName": "Anna", "Chart_Number__c": None, "Clinical_Alert__c": None}
    changed |= {"Original_Patient_Create_Date__c": None, "Birthdate": None}
    rows["t__guarantor"][6]["Guarantor__r.Migration_Key__c"] = None
    rows["t__insurance"][0]["Carrier__r.Migration_Key__c"] = "p:family:2"
    ready.build(rows)
    said = ready.json("run")
    assert {s["step"]: s["updated"] for s in said["runs"][0]["steps"]} == {
        "t__patient": 1,
        "t__guarantor": 1,
        "t__insurance": 1,
    }
    fields = "FirstName, Chart_Number__c, Clinical_Alert__c, Birthdate, Description, LastName"
    (found,) = ready.soql(
        f"SELECT {fields} FROM Contact WHERE Migration_Key__c = '{changed['Migration_Key__c']}'"
    )
    assert found == {
        "FirstName": "Anna",
        "LastName": "O'Fam 1",
        "Description": "likes tea",
        "Chart_Number__c": None,
        "Clinical_Alert__c": None,
        "Birthdate": None,
    }
    cleared = rows["t__guarantor"][6]["Migration_Key__c"]
    (contact,) = ready.soql(
        f"SELECT Guarantor__c FROM Contact WHERE Migration_Key__c = '{cleared}'"
    )
    assert contact["Guarantor__c"] is None
    moved = {
        r["Migration_Key__c"]
        for r in ready.soql("SELECT Migration_Key__c, SystemModstamp FROM Contact")
        if r["SystemModstamp"] != stamps[r["Migration_Key__c"]]
    }
    assert moved == {changed["Migration_Key__c"], cleared}
    ready.sf("verify")


def test_adoption_fills_blanks_only(migration: Migration, rows: Rows) -> None:
    migration.sf("pull")
    ids: dict[str, str] = {}
    given: dict[str, dict[str, str]]
    given = {"filled": {"Phone": "(555) 555-9999", "BillingPostalCode": "99999"}, "blank": {}}
    for name, body in given.items():
        made = migration.rest("POST", "sobjects/Account", json={"Name": name} | body)
        ids[name] = made["id"]
    for row, name in zip(rows["t__family"], ids, strict=False):
        row["_adopt_id"] = ids[name]
    migration.sf("pull")
    migration.build(rows)
    migration.sf("schema", "deploy")
    said = migration.json("run")
    family = said["runs"][0]["steps"][0]
    assert (family["adopted"], family["created"]) == (2, 1)
    fields = "Name, Phone, BillingPostalCode, Account_Kind__c, Migration_Key__c"
    found = {r["Id"]: r for r in migration.soql(f"SELECT Id, {fields} FROM Account")}
    assert len(found) == 3
    filled = found[ids["filled"]]
    assert filled["Name"] == "filled"
    assert filled["Phone"] == "(555) 555-9999"
    assert filled["BillingPostalCode"] == "99999"
    assert filled["Account_Kind__c"] == "Family"
    assert filled["Migration_Key__c"] == "p:family:0"
    blank = found[ids["blank"]]
    assert (blank["Name"], blank["Phone"]) == ("blank", "(555) 555-0100")

    # What was kept is never sent later, and is no difference; what was filled is.
    rows["t__family"][0] |= {"Phone": "(555) 555-7777", "Balance_0_30__c": 1, "Name": "x"}
    rows["t__family"][1] |= {"Phone": None}
    migration.build(rows)
    assert migration.json("run")["sent"] == 2
    found = {
        r["Id"]: r for r in migration.soql("SELECT Id, Name, Phone, Balance_0_30__c FROM Account")
    }
    assert found[ids["filled"]]["Phone"] == "(555) 555-9999"
    assert found[ids["filled"]]["Balance_0_30__c"] == 1
    assert found[ids["blank"]]["Phone"] is None
    verified = migration.json("verify")
    assert verified["equal"]
    assert verified["steps"][0]["kept"] == 4


def test_what_the_org_refuses_is_listed(ready: Migration, rows: Rows) -> None:
    rows["t__family"][0]["Account_Kind__c"] = "Sailing Club"
    rows["t__patient"][9]["Account.Migration_Key__c"] = "p:family:nobody"
    ready.build(rows)
    said = ready.sf("run", code=4)
    assert "rejects.parquet" in said
    assert "Sailing" not in said
    (file,) = (ready.home / "runs").glob("*/rejects.parquet")
    refused = rejects(file)
    assert refused[("t__family", "p:family:0")] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "data",
        "file.csv",
        1,
    )
    # Its four patients found no parent, nor did what hangs on them.
    assert refused[("t__patient", "p:patient:0-3")][1] == "parent"
    assert len([k for k in refused if k[0] == "t__patient"]) == 5
    assert len([k for k in refused if k[0] == "t__insurance"]) == 5
    rows["t__family"][0]["Account_Kind__c"] = "Family"
    ready.build(rows)
    ready.sf("run", "--max-rejects", "20%")
    ready.build(example())
    assert ready.json("run")["sent"] == 3


def test_fields_that_can_only_be_created_go_with_new_records(ready: Migration, rows: Rows) -> None:
    marts = copy.deepcopy(ready.marts)
    chart = next(c for c in marts["t__patient"][1] if c[0] == "Chart_Number__c")
    chart[2]["create_only"] = True
    ready.marts = marts
    later = rows["t__patient"].pop()
    rows["t__insurance"].pop()
    rows["t__guarantor"].pop()
    ready.build(rows)
    ready.sf("run")
    rows["t__patient"][0] |= {"FirstName": "Anna", "Chart_Number__c": "other"}
    rows["t__patient"].append(later)
    ready.build(rows)
    said = ready.json("run")
    assert [(s["jobs"], s["rows"]) for s in said["runs"][0]["steps"]] == [(2, 2)]
    found = ready.soql(
        "SELECT FirstName, Chart_Number__c FROM Contact"
        " WHERE FirstName = 'Anna' OR Chart_Number__c = 'C23' ORDER BY FirstName"
    )
    assert found == [
        {"FirstName": "Anna", "Chart_Number__c": "C00"},
        {"FirstName": "Zoë 3", "Chart_Number__c": "C23"},
    ]


def test_what_cannot_be_blank_is_never_cleared(ready: Migration, rows: Rows) -> None:
    """Every record has an owner: where the mart names none, the org's own stays and is right."""
    marts = copy.deepcopy(ready.marts)
    marts["t__patient"][1].append(("OwnerId", "varchar", {"type": "Lookup", "to": "User"}))
    ready.marts = marts
    (user,) = ready.soql("SELECT Id FROM User LIMIT 1")
    for row in rows["t__patient"]:
        row["OwnerId"] = user["Id"]
    rows["t__patient"][0]["OwnerId"] = None
    ready.build(rows)
    ready.sf("run")
    rows["t__patient"][1] |= {"OwnerId": None, "FirstName": "Anna"}
    ready.build(rows)
    assert ready.json("run")["sent"] == 1
    found = ready.soql("SELECT OwnerId FROM Contact WHERE FirstName = 'Anna'")
    assert found == [{"OwnerId": user["Id"]}]
    assert ready.json("verify")["equal"]


def rejects(file: Path) -> dict[tuple[str, str], tuple[object, ...]]:
    """Rows refused, by step and key."""
    with duckdb.connect() as con:
        query = "select step, key, code, class, file, line from read_parquet(?)"
        rows = con.execute(query, [str(file)]).fetchall()
    return {(r[0], r[1]): r[2:] for r in rows}


def test_every_org_has_its_own_truth(ready: Migration, rows: Rows) -> None:
    rows["merges"] = [{"merged_key": "p:patient:old", "survivor_key": "p:patient:0-0"}]
    ready.build(rows)
    first = ready.json("run")["org"]
    assert ready.json("pull")["rows"]["merges"] == 1
    assert ready.json("org", "reset")["reset"]
    assert "Run `load-sf pull`" in ready.sf("run", code=3)
    ready.sf("pull")
    ready.build(rows)
    ready.sf("schema", "deploy")
    second = ready.json("run")
    assert second["org"] != first
    assert second["sent"] == 36
    assert [r["org"] for r in ready.json("status")["runs"]] == [first, second["org"]]


def test_a_changed_number_of_eighteen_digits_is_sent_to_the_unit(migration: Migration) -> None:
    """A sum is a HUGEINT in DuckDB, and a file of it in between would round it."""
    number = {"type": "Number", "precision": 18, "scale": 0}
    meta, columns = MARTS["t__family"]
    migration.marts = {"t__family": (meta, [*columns, ("Points__c", "hugeint", number)])}
    migration.sf("pull")
    for points in (1, 123_456_789_012_345_679):
        rows = example()["t__family"]
        migration.build({"t__family": [row | {"Points__c": points} for row in rows]})
        if points == 1:
            migration.sf("schema", "deploy")
        assert migration.json("run")["sent"] == 3
    *_, frozen = sorted((migration.home / "runs").glob("*/t__family.parquet"))
    with duckdb.connect() as con:
        query = "select distinct Points__c from read_parquet(?)"
        assert con.execute(query, [str(frozen)]).fetchall() == [("123456789012345679",)]
