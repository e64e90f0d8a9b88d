"""What the org refuses is listed with its source line and what to do about it, without values."""

import csv
from pathlib import Path

import duckdb

from .conftest import Migration, example

SECRET = "Quillfeather"


def listed(home: Path) -> list[dict[str, str]]:
    with (home / "reports" / "rejects.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_refusal_says_what_to_do(ready: Migration) -> None:
    rows = example()
    rows["t__patient"][0]["LastName"] = SECRET
    ready.build(rows)
    with duckdb.connect(str(ready.home / "warehouse.duckdb")) as con:
        con.execute("update salesforce.t__patient set _file = '=HYPERLINK(1)' where _line = 1")
    rule = {"object": "Contact", "name": "No", "when": f"LastName = '{SECRET}'"}
    rule |= {"message": f"{SECRET} may not come.", "field": "LastName"}
    ready.control("PATCH", "switches", {"validation_rules": [rule]})
    ready.arm(
        {"object": "Contact", "row_error": "INACTIVE_OWNER_OR_USER", "rounds": 0,
         "message": f"{SECRET} is inactive", "keys": "0-[12]$"},
        {"object": "Insurance_Detail__c", "row_error": "SOME_NEW_CODE", "message": SECRET,
         "rounds": 0, "keys": "2-3-P$"},
    )  # fmt: skip
    process = ready.start("run")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 4
    assert SECRET not in out + err
    assert "2 INACTIVE_OWNER_OR_USER: Its owner is an inactive user." in out
    assert "1 FIELD_CUSTOM_VALIDATION_EXCEPTION: A validation rule" in out
    found = listed(ready.home)
    told = {(r["key"], r["code"]): r for r in found}
    inactive = told["p:patient:0-1", "INACTIVE_OWNER_OR_USER"]
    assert (inactive["class"], inactive["file"], inactive["line"]) == ("data", "file.csv", "2")
    ruled = told["p:patient:0-0", "FIELD_CUSTOM_VALIDATION_EXCEPTION"]
    assert (ruled["fields"], ruled["file"]) == ("LastName", "'=HYPERLINK(1)")
    # A code nobody foresaw has the advice of its class.
    assert "Correct the fields" in told["p:insurance:2-3-P", "SOME_NEW_CODE"]["advice"]
    assert all(r["advice"] for r in found)
    file = ready.home / "reports" / "rejects.csv"
    assert file.stat().st_mode & 0o077 == 0
    assert SECRET not in file.read_text(encoding="utf-8")

    # Each is tried again by the next run, though no row changed; those refused again count.
    ready.arm({"object": "Contact", "row_error": "INACTIVE_OWNER_OR_USER", "rounds": 0,
               "message": "x", "keys": "0-2$"})  # fmt: skip
    ready.control("PATCH", "switches", {"validation_rules": []})
    said = ready.json("run", code=4)
    # With them go the two updates that waited for a record.
    assert said["sent"] == len(found) + 2
    assert ("INACTIVE_OWNER_OR_USER", 1) in [(r["code"], r["number"]) for r in said["refused"]]
    ready.arm()
    assert ready.json("run", "--max-rejects", "0")["rejected"] == 0
    assert not (ready.home / "reports" / "rejects.csv").exists()
    assert ready.json("verify")["equal"]


def test_what_a_run_and_the_one_carried_on_were_both_refused_counts_once(ready: Migration) -> None:
    ready.arm(
        {"object": "Contact", "row_error": "SOME_NEW_CODE", "rounds": 0, "message": "x",
         "keys": "0-[12]$"},
        {"method": "POST", "path": "^/jobs/ingest$", "after": 3, "quota": True},
    )  # fmt: skip
    ready.sf("run", code=5)
    said = ready.json("run", "--max-rejects", "4")
    # Two patients, and the two insurances that need them.
    assert len(said["runs"]) == 2
    assert (said["sent"], said["rejected"]) == (36, 4)


def test_a_run_that_is_carried_on_may_be_refused_what_it_was_begun_with(ready: Migration) -> None:
    refusal = {"object": "Contact", "row_error": "SOME_NEW_CODE", "rounds": 0, "message": "x",
               "keys": "0-[12]$"}  # fmt: skip
    ready.arm(refusal, {"method": "POST", "path": "^/jobs/ingest$", "after": 3, "quota": True})
    ready.sf("run", "--max-rejects", "4", code=5)
    [open_run] = ready.json("status")["runs"]
    assert open_run["max_rejects"] == "4"
    # It goes first, and whoever looks ahead is told so.
    for command in (("plan",), ("run", "--dry-run")):
        words = " ".join(ready.sf(*command).split())
        assert f"Run {open_run['run']} was begun and has not ended" in words
    assert ready.json("run", "--dry-run")["open_run"] == open_run["run"]
    said = ready.json("resume")
    assert said["rejected"] == 4
    # Without a word a new run may have none of them.
    assert ready.json("run", code=4)["rejected"] == 4


def test_rows_both_runs_were_refused_are_judged_by_the_one_that_sent_them_first(
    ready: Migration,
) -> None:
    refusal = {"object": "Contact", "row_error": "SOME_NEW_CODE", "rounds": 0, "message": "x"}
    lost = {"method": "POST", "path": "^/jobs/ingest$", "after": 3, "quota": True}
    ready.arm(refusal | {"keys": "0-[12]$"}, lost)
    ready.sf("run", "--max-rejects", "4", code=5)
    assert ready.json("run")["rejected"] == 4
    rows = example()
    rows["t__family"][0]["Name"] = "Other Family"
    ready.build(rows)
    ready.arm(
        refusal | {"keys": "0-[12]$"},
        {"object": "Account", "row_error": "SOME_NEW_CODE", "rounds": 0, "message": "x"},
    )
    assert ready.json("run", "--max-rejects", "4", code=4)["rejected"] == 5


def test_a_run_that_ends_with_a_job_refused_lists_what_was_refused_before(
    ready: Migration,
) -> None:
    """The list is of this run, not of one before it."""
    ready.arm({"object": "Account", "row_error": "SOME_OLD_CODE", "rounds": 0, "message": "x",
               "keys": "family:2$"})  # fmt: skip
    ready.sf("run", "--only", "t__family", code=4)
    body = '[{"errorCode": "INVALID_OPERATION", "message": "no"}]'
    ready.arm(
        {"object": "Contact", "row_error": "SOME_NEW_CODE", "rounds": 0, "message": "x",
         "keys": "0-[12]$"},
        {"method": "POST", "path": "^/jobs/ingest$", "status": 400, "body": body, "after": 2},
    )  # fmt: skip
    assert "the org refused a job" in ready.sf("run", code=1)
    found = listed(ready.home)
    assert [(r["step"], r["key"], r["code"], r["file"]) for r in found] == [
        ("t__patient", "p:patient:0-1", "SOME_NEW_CODE", "file.csv"),
        ("t__patient", "p:patient:0-2", "SOME_NEW_CODE", "file.csv"),
    ]
    ended = ready.json("status")["runs"][-1]
    assert ended["state"] == "failed"
    assert (ready.home / "runs" / ended["run"] / "rejects.parquet").exists()
