"""Answers that lack something: nothing is taken for the org's word that is less than it found, or
speaks of other records than those that were asked for or sent."""

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from loaders.salesforce.api import csv_pages

from .conftest import Migration, Rows, example
from .test_delete_missing import keys, without

pytestmark = pytest.mark.long

Fault = dict[str, Any]
PAGE: Fault = {"method": "GET", "path": r"^/jobs/query/\w+/results$"}
LOST_ROW = PAGE | {"lose_row": True}
CSV = PAGE | {"status": 200, "csv": True}
SPOILT: dict[str, Fault] = {
    "a row lost": LOST_ROW,
    "other columns": CSV | {"body": "a,b\n" + "1,2\n" * 3},
    "columns lost": CSV | {"body": '"Id"\n' + '"001000000000001AAA"\n' * 3},
    "nothing": CSV | {"body": ""},
}
NOT_WHOLE = "not whole"
NEW_PHONE = "(555) 555-9999"
ALWAYS = {"times": 0}
COLLECTION: Fault = {"path": "^/composite/sobjects", "status": 200}
A_FAMILY_AND_A_PATIENT = ("p:family:2", "p:patient:2-0")


def other_phones() -> Rows:
    """The example with another phone number for each of the three families."""
    rows = example()
    for family in rows["t__family"]:
        family["Phone"] = NEW_PHONE
    return rows


def phones(org: Migration) -> list[str]:
    return [r["Phone"] for r in org.soql("SELECT Phone FROM Account WHERE Phone != null")]


def ids(org: Migration, sobject: str = "Account") -> list[str]:
    return [r["Id"] for r in org.soql(f"SELECT Id FROM {sobject} ORDER BY Migration_Key__c")]


@pytest.fixture
def loaded(ready: Migration) -> Migration:
    ready.sf("run")
    return ready


@pytest.mark.parametrize("what", SPOILT)
def test_records_are_read_again_before_they_are_changed(loaded: Migration, what: str) -> None:
    loaded.build(other_phones())
    loaded.arm(SPOILT[what])
    assert loaded.json("run")["sent"] == 3
    assert phones(loaded) == [NEW_PHONE] * 3
    assert "Proved" in loaded.sf("rollback", "last")
    assert phones(loaded) == ["(555) 555-0100"] * 3


@pytest.mark.parametrize("what", ["a row lost", "other columns"])
def test_nothing_is_changed_that_could_not_be_read_whole(loaded: Migration, what: str) -> None:
    loaded.build(other_phones())
    loaded.arm(SPOILT[what] | ALWAYS)
    assert NOT_WHOLE in loaded.sf("run", code=1)
    assert phones(loaded) == ["(555) 555-0100"] * 3
    # Three times, and no more.
    assert len([p for _, p in loaded.noted() if p.endswith("/results")]) == 3
    loaded.arm()
    assert loaded.json("run")["sent"] == 3
    loaded.sf("rollback", "last")
    assert phones(loaded) == ["(555) 555-0100"] * 3


def test_nothing_is_deleted_of_which_no_values_are_saved(loaded: Migration) -> None:
    before = {o: keys(loaded, o) for o in ("Account", "Contact", "Insurance_Detail__c")}
    loaded.build(without(example(), *A_FAMILY_AND_A_PATIENT))
    delete = ("run", "--delete-missing", "--delete-limit", "50%")
    loaded.arm(LOST_ROW | ALWAYS)
    assert NOT_WHOLE in loaded.sf(*delete, code=1)
    # An org that says it found none of the records that it has.
    done = {"id": "750000000000001AAA", "state": "JobComplete", "numberRecordsProcessed": 0}
    loaded.arm(
        CSV | ALWAYS | {"body": ""},
        {"method": "GET", "path": r"^/jobs/query/\w+$", "status": 200, "body": done} | ALWAYS,
    )
    assert "gave no values of" in loaded.sf("run", code=1)
    assert {o: keys(loaded, o) for o in before} == before
    loaded.arm()
    assert loaded.json("run")["runs"][0]["missing_deleted"] == 9
    assert keys(loaded, "Account") == {"p:family:0", "p:family:1"}
    loaded.sf("rollback", "last")
    assert {o: keys(loaded, o) for o in before} == before


def test_what_others_hang_on_a_record_is_not_overlooked(loaded: Migration) -> None:
    [family] = loaded.soql("SELECT Id FROM Account WHERE Migration_Key__c = 'p:family:2'")
    theirs = {
        **{"Name": "Implant", "AccountId": family["Id"], "StageName": "Prospecting"},
        "CloseDate": "2027-01-31",
    }
    loaded.rest("POST", "sobjects/Opportunity", json=theirs)
    loaded.build(without(example(), *A_FAMILY_AND_A_PATIENT))
    loaded.arm({"method": "GET", "path": "^/queryAll$", "lose_row": True} | ALWAYS)
    said = loaded.sf("run", "--delete-missing", "--delete-limit", "50%", code=1)
    assert NOT_WHOLE in said
    assert "p:family:2" in keys(loaded, "Account")
    loaded.arm()
    assert loaded.json("run", code=4)["runs"][0]["missing_deleted"] == 8
    assert len(loaded.soql("SELECT Id FROM Opportunity")) == 1


def test_a_record_to_take_over_is_not_made_a_second_time(ready: Migration) -> None:
    made = ready.rest("POST", "sobjects/Account", json={"Name": "Old One", "Phone": NEW_PHONE})
    rows = example()
    rows["t__family"][0]["_adopt_id"] = made["id"]
    ready.build(rows)
    ready.arm(LOST_ROW | ALWAYS)
    assert NOT_WHOLE in ready.sf("run", code=1)
    ready.arm()
    ready.sf("run")
    found = ready.soql("SELECT Id, Name, Migration_Key__c FROM Account ORDER BY Migration_Key__c")
    assert len(found) == 3
    assert found[0] == {
        **{"Id": made["id"], "Name": "Old One"},
        "Migration_Key__c": "p:family:0",
    }


@pytest.mark.parametrize("path", [PAGE["path"], "^/query$"])
def test_no_org_is_landed_that_was_not_read_whole(ready: Migration, path: str) -> None:
    ready.rest("POST", "sobjects/Account", json={"Name": "Old One"})
    before = ready.generation()
    ready.arm({"method": "GET", "path": path, "lose_row": True} | ALWAYS)
    assert NOT_WHOLE in ready.sf("pull", code=1)
    assert ready.generation() == before
    ready.arm({"method": "GET", "path": path, "lose_row": True})
    assert ready.json("pull")["rows"]["users"] > 0


def test_nothing_is_recovered_of_an_org_that_was_not_read_whole(loaded: Migration) -> None:
    (loaded.home / "manifest.duckdb").unlink()
    loaded.arm(LOST_ROW | ALWAYS)
    assert NOT_WHOLE in loaded.sf("recover", code=1)
    loaded.arm()
    assert {(s["equal"], s["absent"]) for s in loaded.json("recover")["steps"]} == {(3, 0), (12, 0)}
    assert loaded.json("run")["sent"] == 0


def test_an_org_that_was_not_read_whole_is_not_said_to_lack_records(loaded: Migration) -> None:
    loaded.arm(LOST_ROW | ALWAYS)
    assert NOT_WHOLE in loaded.sf("verify", code=1)
    loaded.arm()
    assert loaded.json("verify")["equal"]


def good(record: str) -> dict[str, Any]:
    return {"id": record, "success": True, "errors": []}


def of_others(org: Migration) -> dict[str, list[dict[str, Any]]]:
    """Answers to three accounts sent in the order of their keys, that speak of other records."""
    own = ids(org)
    return {
        "no Id": [{"success": True, "errors": []}] * 3,
        "one Id": [good(own[0])] * 3,
        "another object's": [good(each) for each in ids(org, "Contact")[:3]],
        "no Id at all": [good("yes")] * 3,
        "fewer": [good(each) for each in own[:2]],
    }


WRONG = ("no Id", "one Id", "another object's", "no Id at all", "fewer")


@pytest.mark.parametrize("what", WRONG)
def test_updates_of_which_the_answer_does_not_speak_are_sent_again(
    loaded: Migration, what: str
) -> None:
    loaded.build(other_phones())
    loaded.arm(COLLECTION | {"method": "PATCH", "body": of_others(loaded)[what]})
    assert "does not speak of each" in loaded.sf("run", code=1)
    assert phones(loaded) == ["(555) 555-0100"] * 3
    assert loaded.json("run")["rejected"] == 0
    assert phones(loaded) == [NEW_PHONE] * 3
    assert loaded.json("verify")["equal"]
    assert "Proved" in loaded.sf("rollback", "last")
    assert phones(loaded) == ["(555) 555-0100"] * 3


OF_OTHERS = (
    *("no Id", "reversed", "a refusal of another", "a refusal without an error"),
    *("an error that says nothing", "a word for true"),
)


@pytest.mark.parametrize("what", OF_OTHERS)
def test_deletes_of_which_the_answer_does_not_speak_are_sent_again(
    loaded: Migration, what: str
) -> None:
    rows = example()
    gone = ("p:insurance:2-1-P", "p:insurance:2-2-P", "p:insurance:2-3-P")
    loaded.build(without(rows, *gone))
    found = [
        loaded.soql(f"SELECT Id FROM Insurance_Detail__c WHERE Migration_Key__c = '{key}'")[0]["Id"]
        for key in gone
    ]
    refusal = {"success": False, "errors": [{"statusCode": "DELETE_FAILED", "fields": []}]}
    answers = {
        "no Id": [{"success": True, "errors": []}] * 3,
        "reversed": [good(each) for each in reversed(found)],
        "a refusal of another": [good(each) | refusal for each in found[1:] + found[:1]],
        "a refusal without an error": [good(each) | {"success": False} for each in found],
        "an error that says nothing": [{"success": False, "errors": ["no"]}] * 3,
        "a word for true": [good(each) | {"success": "false"} for each in found],
    }
    loaded.arm(COLLECTION | {"method": "DELETE", "body": answers[what]})
    delete = ("run", "--delete-missing", "--delete-limit", "50%")
    assert "does not speak of each" in loaded.sf(*delete, code=1)
    assert len(keys(loaded, "Insurance_Detail__c")) == 12
    assert loaded.json("run")["runs"][0]["missing_deleted"] == 3
    assert len(keys(loaded, "Insurance_Detail__c")) == 9


def test_rows_are_counted_whatever_their_values_hold(tmp_path: Path) -> None:
    chance = random.Random(7)
    page = tmp_path / "page.csv"
    parts = ["\n", "\r\n", '"', '""', ",", "text", "é😀", ""]
    for n in range(40):
        rows = [
            ["".join(chance.choices(parts, k=chance.randrange(6))) for _ in range(3)]
            for _ in range(n)
        ]
        with page.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
                [["Id", 'a "b"', "c\nd"], *rows]
            )
        assert csv_pages.rows(page) == n
        assert csv_pages.columns(page) == ["Id", 'a "b"', "c\nd"]
        whole = page.read_bytes()
        # The last line may lack its end; one that ends within a value is no row.
        page.write_bytes(whole[:-1])
        assert csv_pages.rows(page) == n
        page.write_bytes(whole[:-2])
        assert csv_pages.rows(page) is None
    page.write_bytes(b"")
    assert (csv_pages.rows(page), csv_pages.columns(page)) == (0, [])


@pytest.mark.parametrize("shift", range(6))
def test_rows_are_counted_across_the_blocks_that_are_read(tmp_path: Path, shift: int) -> None:
    page = tmp_path / "page.csv"
    filling = b"x" * ((1 << 20) - len(b'"Id"\n"') - shift)
    page.write_bytes(b'"Id"\n"' + filling + b'"""\n"\n"\n"1"\n')
    assert csv_pages.rows(page) == 3
