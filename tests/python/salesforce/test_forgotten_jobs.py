"""Runs and rollbacks that break off and are carried on when the org has deleted their jobs, as it
does with each after seven days: the org ends as if nothing had been."""

import copy
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Migration, Rows, example
from .test_files import wait_until_struck
from .test_interrupted import JOB, assert_whole, through, two_jobs
from .test_rollback import ALL, delta, load_first, snapshot
from .test_rollback_of_others import snapshot as records

pytestmark = pytest.mark.long

RESULTS = ("GET", JOB + "/successfulResults")


def breaks_off(
    org: Migration, *command: str, at: tuple[str, str] = RESULTS, after: int = 0
) -> bool:
    """Kills a command when the org has done what such a request asks for, and deletes every job
    there is; False where the command ended before."""
    method, path = at
    org.arm({"method": method, "path": path, "stall": 20, "when": "after", "after": after})
    process = org.start(*command)
    wait_until_struck(org, process)
    if process.poll() is not None:
        said = process.communicate()
        assert process.returncode == 0, said
        return False
    process.kill()
    process.communicate(timeout=60)
    org.arm()
    assert forget(org)
    return True


def forget(org: Migration) -> int:
    """Deletes every job once the org is through with it."""
    deadline = time.monotonic() + 30
    while any(each["state"] in ("UploadComplete", "InProgress") for each in jobs(org)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    found = jobs(org)
    for each in found:
        org.rest("DELETE", f"jobs/ingest/{each['id']}")
    return len(found)


def jobs(org: Migration) -> list[dict[str, str]]:
    found: list[dict[str, str]] = org.rest("GET", "jobs/ingest")["records"]
    return found


def assert_undone(org: Migration) -> None:
    said = org.json("rollback", "last")
    assert (said["equal"], said["left_count"], said["refused"]) == (True, 0, []), said


def test_a_first_load(ready: Migration) -> None:
    """Killed when a job was closed, which only the org knew."""
    through(ready)
    assert breaks_off(ready, "run", at=("PATCH", JOB), after=1)
    said = ready.json("run")["runs"][0]
    made = {step["step"]: step["created"] for step in said["steps"]}
    assert made == {"t__family": 3, "t__patient": 12, "t__guarantor": 0, "t__insurance": 12}
    assert_whole(ready)
    assert_undone(ready)
    assert records(ready) == {}


def test_new_records_with_fields_that_only_these_take(ready: Migration, rows: Rows) -> None:
    two_jobs(ready, rows)
    before = records(ready)
    assert breaks_off(ready, "run", "--only", "t__patient")
    (step,) = ready.json("run", "--only", "t__patient")["runs"][0]["steps"]
    assert (step["created"], step["updated"], step["rejected"]) == (1, 1, 0)
    ready.sf("run")
    assert_whole(ready)
    assert_undone(ready)
    assert_undone(ready)
    assert records(ready) == before


@pytest.fixture(scope="module")
def large(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with so many records in its org that jobs update them, and one of somebody's, which
    the next run is to take over; to be copied."""
    home = tmp_path_factory.mktemp("large") / "home"
    shutil.copytree(deployed, home, symlinks=True)
    made = Migration(home)
    rows = example(families=25, patients=8) | {"t__insurance": []}
    made.build(rows)
    made.sf("run")
    given = {"Name": "Theirs", "BillingStreet": "2 Elm St"}
    account = made.rest("POST", "sobjects/Account", json=given)["id"]
    rows["t__family"] = example(families=27, patients=0)["t__family"]
    rows["t__family"][25]["_adopt_id"] = account
    rows["t__family"][0]["Phone"] = "(555) 555-9999"
    for row in rows["t__patient"]:
        row["Description"] = None
    for n, row in enumerate(rows["t__guarantor"]):
        row["Guarantor__r.Migration_Key__c"] = f"p:patient:{n // 8}-3"
    made.build(rows)
    made.stop_org()
    return home


@pytest.fixture
def many(large: Path, tmp_path: Path) -> Iterator[Migration]:
    shutil.copytree(large, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home")
    through(made)
    yield made
    made.stop_org()


def test_updates_by_key_and_by_id_and_records_taken_over(many: Migration) -> None:
    """Killed with each step's job done; what is sent again gets through."""
    before = records(many)
    # Two hundred that are sent again are a job once more.
    assert all(breaks_off(many, "run", after=after) for after in (0, 0, 1))
    (last,) = many.json("run")["runs"]
    assert last["state"] == "done"
    assert many.json("run")["sent"] == 0
    assert many.json("verify")["equal"]
    assert_undone(many)
    assert records(many) == before


@pytest.mark.parametrize("after", [1, 2])
def test_a_run_that_is_rolled_back(many: Migration, after: int) -> None:
    """Killed with the families' second job under way, or the patients'."""
    before = records(many)
    assert breaks_off(many, "run", after=after)
    assert records(many) != before
    assert_undone(many)
    assert records(many) == before


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose first load is in the org, to be copied."""
    return load_first(tmp_path_factory.mktemp("forgotten") / "home")


@pytest.fixture
def org(first: Path, tmp_path: Path) -> Iterator[Migration]:
    shutil.copytree(first, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home", marts=copy.deepcopy(ALL))
    yield made
    made.stop_org()


def test_a_rollback(org: Migration) -> None:
    """Killed with each of its jobs done: what was put back, restored and deleted."""
    before = snapshot(org)
    org.build(delta(org))
    org.sf("run")
    through(org)
    times = 0
    while breaks_off(org, "rollback", "last", after=1):
        times += 1
    assert times > 2
    org.environment = {}
    said = org.json("status")["runs"][-1]
    assert (said["kind"], said["state"]) == ("rollback", "done")
    assert snapshot(org) == before
