"""`load-sf run --delete-missing`: what is gone from the source goes, if it is ours and not much."""

import csv

import duckdb
import pytest

from .conftest import Migration, Rows, example


def keys(org: Migration, sobject: str) -> set[str]:
    found = org.soql(f"SELECT Migration_Key__c FROM {sobject} WHERE Migration_Key__c != null")
    return {r["Migration_Key__c"] for r in found}


def without(rows: Rows, *gone: str) -> Rows:
    """The rows without those of these keys, and without what hangs on them."""
    return {
        step: [r for r in some if not set(map(str, r.values())) & set(gone)]
        for step, some in rows.items()
    }


def test_what_is_gone_is_told_and_stays_until_somebody_says_otherwise(ready: Migration) -> None:
    ready.sf("run")
    before = {o: keys(ready, o) for o in ("Account", "Contact", "Insurance_Detail__c")}
    rows = without(example(), "p:patient:2-3")
    ready.build(rows)
    process = ready.start("run")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "2 records are gone from the source" in err
    assert "--delete-missing deletes 2 of them" in " ".join(err.split())
    assert {o: keys(ready, o) for o in before} == before
    with (ready.home / "reports" / "gone.csv").open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert [(r["step"], r["key"], r["created_here"]) for r in listed] == [
        ("t__insurance", "p:insurance:2-3-P", "true"),
        ("t__patient", "p:patient:2-3", "true"),
    ]

    # What is only tried ends as what is meant, and says what it would delete.
    tried = ready.json("run", "--dry-run", "--delete-missing", code=3)
    assert [(each["object"], each["ours"]) for each in tried["gone"]] == [
        ("Contact", 1),
        ("Insurance_Detail__c", 1),
    ]
    assert tried["missing_to_delete"] == 2
    assert [each["kind"] for each in tried["blockers"]] == ["delete"]
    said = ready.sf("run", "--dry-run", "--delete-missing", "--delete-limit", "10%")
    assert "2 records gone from the source to delete" in said
    assert ready.json("run", "--dry-run")["missing_to_delete"] == 0
    assert {o: keys(ready, o) for o in before} == before

    # Two of twelve contacts are more than the limit: nothing at all is written.
    said = ready.sf("run", "--delete-missing", code=3)
    assert "Contact: 1 of 12 records" in said or "Insurance_Detail__c: 1 of 12" in said
    assert {o: keys(ready, o) for o in before} == before

    said = ready.json("run", "--delete-missing", "--delete-limit", "10%")
    assert (said["sent"], said["missing_deleted"], said["rejected"]) == (0, 2, 0)
    assert keys(ready, "Contact") == before["Contact"] - {"p:patient:2-3"}
    assert keys(ready, "Insurance_Detail__c") == before["Insurance_Detail__c"] - {
        "p:insurance:2-3-P"
    }
    assert keys(ready, "Account") == before["Account"]
    verified = ready.json("verify")
    assert verified["equal"] and verified["gone"] == []
    # Their values are kept for a rollback.
    folder = ready.home / "runs" / said["runs"][0]["run"]
    with duckdb.connect() as con:
        kept = con.execute(
            f"select LastName, Birthdate from '{folder}/t__patient.superseded.parquet'"
        )
        assert kept.fetchall() == [("O'Fam 2", "1973-02-03")]
    assert ready.json("run", "--delete-missing", "--delete-limit", "10%")["runs"] == []

    # What comes back is created anew.
    ready.build(example())
    assert ready.json("run")["sent"] == 3
    assert keys(ready, "Contact") == before["Contact"]


def test_what_this_project_did_not_create_stays(ready: Migration) -> None:
    made = ready.rest("POST", "sobjects/Account", json={"Name": "Theirs"})["id"]
    rows = example()
    rows["t__family"].append(
        {
            "Migration_Key__c": "p:family:adopted",
            "Name": "Adopted Family",
            "Account_Kind__c": "Family",
            "_adopt_id": made,
        }
    )
    ready.sf("pull")
    ready.build(rows)
    ready.sf("run")
    ready.build(example())
    said = ready.json("run", "--delete-missing", "--delete-limit", "100%")
    assert said["missing_deleted"] == 0
    assert "p:family:adopted" in keys(ready, "Account")


def test_what_others_hang_on_a_record_keeps_it(ready: Migration) -> None:
    ready.sf("run")
    [family] = ready.soql("SELECT Id FROM Account WHERE Migration_Key__c = 'p:family:2'")
    theirs = {
        **{"Name": "Implant", "AccountId": family["Id"], "StageName": "Prospecting"},
        "CloseDate": "2027-01-31",
    }
    ready.rest("POST", "sobjects/Opportunity", json=theirs)
    ready.build(without(example(), "p:family:2", "p:patient:2-0"))
    said = ready.json("run", "--delete-missing", "--delete-limit", "50%", code=4)
    assert said["missing_deleted"] == 8
    assert "p:family:2" in keys(ready, "Account")
    assert len(ready.soql("SELECT Id FROM Opportunity")) == 1
    # Who is gone with nothing of theirs is gone.
    assert len(keys(ready, "Contact")) == 8


def test_a_run_of_one_step_deletes_what_is_of_that_step(ready: Migration) -> None:
    ready.sf("run")
    ready.build(without(example(), "p:patient:2-3"))
    options = ("--delete-missing", "--delete-limit", "50%")
    # No run is begun that has nothing to do.
    assert ready.json("run", "--only", "t__family", *options)["runs"] == []
    said = ready.json("run", "--only", "t__insurance", *options)
    assert said["missing_deleted"] == 1
    assert "p:patient:2-3" in keys(ready, "Contact")


@pytest.mark.long
def test_killed_while_deleting(ready: Migration) -> None:
    ready.sf("run")
    ready.build(without(example(), "p:family:2", "p:patient:2-0"))
    ready.arm({"method": "DELETE", "path": "^/composite/sobjects$", "kill": "after", "after": 1})
    ready.start("run", "--delete-missing", "--delete-limit", "50%").communicate(timeout=120)
    ready.sf("resume")
    assert keys(ready, "Account") == {"p:family:0", "p:family:1"}
    assert len(keys(ready, "Contact")) == 8
    assert ready.json("verify")["equal"]
    assert "is open" in ready.sf("resume")
