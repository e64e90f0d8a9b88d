"""Duplicate rules: what an Allow rule stops is let pass, what a Block rule stops is a reject that
names the rule; no lost answer makes a record twice."""

import csv
from typing import Any

import duckdb
import pytest

from .conftest import Migration, Rows, example
from .test_interrupted import through

COLLECTION = {"method": "PATCH", "path": "^/composite/sobjects/Contact/"}
RULE = "Standard_Contact_Duplicate_Rule"


def twins(n: int = 3) -> Rows:
    """The example, and people in the first family who are like the org's own Ann Twin."""
    rows = example()
    for i in range(n):
        rows["t__patient"].append(
            rows["t__patient"][0]
            | {
                "Migration_Key__c": f"p:patient:twin-{i}",
                "FirstName": "Ann",
                "LastName": "Twin",
                "Phone": f"(555) 555-010{i}",
                "Is_Provider__c": True,
                "Clinical_Alert__c": None,
            }
        )
        rows["t__insurance"].append(
            rows["t__insurance"][0]
            | {
                "Migration_Key__c": f"p:insurance:twin-{i}-P",
                "Contact__r.Migration_Key__c": f"p:patient:twin-{i}",
            }
        )
    return rows


@pytest.fixture
def org(ready: Migration) -> Migration:
    """An org with people whom rows are like."""
    phone = ("Phone", "varchar", {"type": "Phone", "length": 40})
    step, columns = ready.marts["t__patient"]
    ready.marts = ready.marts | {"t__patient": (step, [*columns, phone])}
    for i in range(3):
        theirs = {"FirstName": "Ann", "LastName": "Twin", "Phone": f"555.555.010{i}"}
        ready.rest("POST", "sobjects/Contact", json=theirs)
    ready.build(twins())
    return ready


def rule(org: Migration, mode: str) -> None:
    org.control("PATCH", "switches", {"duplicate_rules": mode})


def counted(org: Migration) -> dict[str, tuple[int, int, int]]:
    """Created, updated and refused, by step, of the newest run."""
    run = org.json("status")["runs"][-1]
    return {s["step"]: (s["created"], s["updated"], s["rejected"]) for s in run["steps"]}


def ours(org: Migration) -> list[dict[str, Any]]:
    return org.soql(
        "SELECT Id, Account.Migration_Key__c, Is_Provider__c, Birthdate FROM Contact"
        " WHERE Migration_Key__c LIKE 'p:patient:twin-%'"
    )


@pytest.mark.parametrize("fault", [None, {"reset": "after"}, {"kill": "after"}])
def test_an_allow_rule_is_told_to_let_pass(org: Migration, fault: dict[str, str] | None) -> None:
    rule(org, "allow")
    if fault and "kill" not in fault:
        through(org)
    org.arm(*([COLLECTION | fault] if fault else []))
    said = org.json("run")
    assert said["rejected"] == 0
    made = counted(org)
    # Made by this project, though the answer that said so was lost.
    assert made["t__patient"] == (15, 0, 0)
    assert made["t__insurance"] == (15, 0, 0)
    found = ours(org)
    assert len(found) == 3
    assert {f["Account"]["Migration_Key__c"] for f in found} == {"p:family:0"}
    assert {(f["Is_Provider__c"], f["Birthdate"]) for f in found} == {(True, "1970-02-03")}
    assert len(org.soql("SELECT Id FROM Contact WHERE LastName = 'Twin'")) == 6
    org.environment = {}
    assert org.json("run")["sent"] == 0
    assert org.json("verify")["equal"]


def test_a_block_rule_is_named(org: Migration) -> None:
    rule(org, "block")
    said = org.sf("run", code=4)
    assert "DUPLICATES_DETECTED" in said and "Twin" not in said
    assert ours(org) == []
    *_, folder = sorted((org.home / "runs").glob("*Z-*"))
    with duckdb.connect() as con:
        listed = con.execute(
            "select key, code, class, rule, advice from read_parquet(?)"
            " where step = 't__patient' order by 1",
            [str(folder / "rejects.parquet")],
        ).fetchall()
    assert [row[:4] for row in listed] == [
        (f"p:patient:twin-{i}", "DUPLICATES_DETECTED", "duplicate", RULE) for i in range(3)
    ]
    assert "duplicate rule" in listed[0][4].lower()
    with (org.home / "reports" / "rejects.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {r["rule"] for r in rows if r["step"] == "t__patient"} == {RULE}
    # They are tried again by the next run, and their children with them.
    rule(org, "off")
    said = org.json("run")
    assert (said["sent"], said["rejected"]) == (6, 0)
    assert org.json("verify")["equal"]
    assert not (org.home / "reports" / "rejects.csv").exists()


@pytest.mark.parametrize("made", [None, "001000000000001AAA"])
def test_an_answer_that_names_no_new_record_is_not_believed(
    org: Migration, made: str | None
) -> None:
    rule(org, "allow")
    body: list[dict[str, Any]] = [{"id": made, "success": True, "created": True, "errors": []}] * 3
    org.arm(COLLECTION | {"status": 200, "body": body})
    assert "does not speak of each" in org.sf("run", code=1)
    assert org.json("run")["rejected"] == 0
    assert len(ours(org)) == 3
    assert org.json("verify")["equal"]
