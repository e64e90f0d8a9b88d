"""What load-sf refuses to do, each with one clear line and the right exit code."""

import fcntl
import json

import duckdb
import pytest
from click.testing import CliRunner

from loaders.salesforce.cli import load_sf

from .conftest import Migration, example


@pytest.fixture(scope="module")
def built(shared: Migration) -> Migration:
    """The shared home: tests here build it anew and send nothing."""
    return shared


def test_marts_of_a_bad_build(built: Migration) -> None:
    built.build(example(), finished=False)
    assert "did not finish" in built.sf("run", code=3)
    built.build(
        example(),
        t__patient="error",
        unique_t__patient="fail",
        t__family="skipped",
        words="error",
        merges="error",
    )
    said = built.sf("run", code=3)
    assert "model t__patient ended as error" in said
    assert "test unique_t__patient ended as fail" in said
    assert "model t__family ended as skipped" in said
    assert "seed words ended as error" in said
    assert "model merges ended as error" in said
    assert "dbt build" in said


def test_warned_tests_do_not_stop_a_run(built: Migration) -> None:
    built.build(example(), unique_t__patient="warn")
    built.sf("run")


def test_marts_older_than_what_was_landed(built: Migration) -> None:
    built.build(example())
    with duckdb.connect(str(built.home / "warehouse.duckdb")) as con:
        con.execute("update migration_state.nodes set generation = 'another'")
    assert "before the last landing" in built.sf("run", code=3)
    built.build(example())


def test_a_warehouse_in_use(built: Migration) -> None:
    with duckdb.connect(str(built.home / "warehouse.duckdb")):
        assert "open in another process" in built.sf("run", code=1)


def test_a_manifest_in_use(built: Migration) -> None:
    with duckdb.connect(str(built.home / "manifest.duckdb")):
        assert "open in another process" in built.sf("run", code=1)


def test_two_runs_at_once(built: Migration) -> None:
    org = json.loads((built.home / "local_org" / "server.json").read_text())["organization_id"]
    with (built.home / "runs" / f"{org}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Another run" in built.sf("run", code=3)


def test_nothing_built_or_pulled(migration: Migration) -> None:
    assert "load-raw" in migration.sf("run", code=3)
    migration.sf("pull")
    assert "dbt build" in migration.sf("run", code=3)
    migration.build(example())
    said = migration.sf("run", code=3)
    assert "schema deploy" in said
    assert list((migration.home / "runs").glob("*/plan.json")) == []


def test_an_org_that_answers_401(built: Migration) -> None:
    url = built.door["url"]
    built.environment = {"SF_INSTANCE_URL": url, "SF_ACCESS_TOKEN": "stale"}
    generation = built.generation()
    try:
        for command in ("pull", "run"):
            said = built.sf(command, code=1)
            assert "The org refused the token (401)." in said
            assert "stale" not in said
    finally:
        built.environment = {}
    assert built.generation() == generation


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SF_INSTANCE_URL": "http://example.invalid", "SF_ACCESS_TOKEN": "t"}, "Plain http"),
        ({"SF_INSTANCE_URL": "example.invalid", "SF_ACCESS_TOKEN": "t"}, "is not an address"),
        ({"SF_INSTANCE_URL": "https://example.invalid"}, "nothing to log in with"),
        ({"SF_ACCESS_TOKEN": "t"}, "SF_INSTANCE_URL is not"),
        ({"SF_INSTANCE_URL": "http://127.0.0.1:9", "SF_CONSUMER_KEY": "k",
          "SF_USERNAME": "u", "SF_PRIVATE_KEY_FILE": "/nowhere.pem"}, "does not exist"),
    ],
)  # fmt: skip
def test_no_way_into_an_org(built: Migration, given: dict[str, str], words: str) -> None:
    built.environment = given
    try:
        said = built.sf("pull", code=1)
    finally:
        built.environment = {}
    assert words in said
    assert len(said.strip().splitlines()) <= 2


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "5%%"])
def test_max_rejects_is_a_number_or_a_share(value: str) -> None:
    answer = CliRunner().invoke(load_sf, ["run", "--max-rejects", value])
    assert answer.exit_code == 2
    assert "neither a number" in answer.output or "No such option" in answer.output
