"""What a mart can say about a run: that it must not start while the mart holds rows."""

import pytest

from .conftest import Migration, Rows, example

WAITING: Rows = {"waiting": [{"owed": "1200.50"}, {"owed": None}, {"owed": "0.75"}]}


@pytest.fixture(scope="module")
def built(shared: Migration) -> Migration:
    """The shared home: tests here build it anew."""
    return shared


def test_a_run_does_not_start_while_there_are_rows(built: Migration) -> None:
    built.build(example() | WAITING)
    for options in ((), ("--only", "t__family")):
        said = " ".join(built.sf("run", *options, code=3).split())
        assert "3 bills wait: see the mart waiting. They come to 1,201.25." in said
        assert "Wait for them; or load all the same with --allow-open-claims." in said
    tried = built.json("run", "--dry-run", code=3)
    assert [each["kind"] for each in tried["blockers"]] == ["open claims"]
    assert [step["unchanged"] for step in tried["steps"]] == [3, 12, 12, 12]
    assert "3 bills wait" in " ".join(built.sf("run", "--dry-run", code=3).split())
    built.sf("run", "--dry-run", "--allow-open-claims")
    built.sf("run", "--allow-open-claims")


def test_rows_without_an_amount_are_counted(built: Migration) -> None:
    built.build(example() | {"waiting": [{"owed": None}]})
    said = " ".join(built.sf("run", code=3).split())
    assert "1 bills wait: see the mart waiting. Wait for them" in said


def test_nothing_waits(built: Migration) -> None:
    built.build(example())
    built.sf("run")


def test_the_mart_must_be_of_a_good_build(built: Migration) -> None:
    built.build(example(), waiting="error")
    assert "model waiting ended as error" in built.sf("run", code=3)
    built.build(example())


def test_a_rollback_that_broke_off_goes_before_a_run(ready: Migration) -> None:
    ready.sf("run", "--only", "t__family")
    ready.arm({"method": "POST", "path": "^/jobs/ingest$", "quota": True})
    ready.sf("rollback", "last", code=5)
    tried = ready.json("run", "--dry-run", code=3)
    assert [each["kind"] for each in tried["blockers"]] == ["rollback"]
    blocking = {each["kind"]: each["what"] for each in ready.json("plan", code=3)["blockers"]}
    assert "A rollback is under way" in blocking["rollback"]
    assert "A rollback is under way" in ready.sf("run", code=3)


def test_a_dry_run_looks_at_the_schema_as_a_run_does(ready: Migration) -> None:
    assigned = ready.soql("SELECT Id FROM PermissionSetAssignment")[0]["Id"]
    ready.rest("DELETE", f"sobjects/PermissionSetAssignment/{assigned}")
    words = "as far as this user sees"
    tried = ready.json("run", "--dry-run", code=3)
    assert [each["kind"] for each in tried["blockers"]] == ["org"]
    assert words in tried["blockers"][0]["what"] and tried["steps"][0]["create"] == 3
    assert words in ready.sf("run", code=3)


def test_a_dry_run_in_an_org_the_manifest_does_not_know(ready: Migration) -> None:
    ready.sf("run", "--only", "t__family")
    (ready.home / "manifest.duckdb").unlink()
    tried = ready.json("run", "--dry-run", code=3)
    assert [each["kind"] for each in tried["blockers"]] == ["org"]
    assert "it belongs to another home, or was lost" in tried["blockers"][0]["what"]
    assert "load-sf recover" in ready.sf("run", code=3)
