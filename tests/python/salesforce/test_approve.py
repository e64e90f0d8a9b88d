"""`load-sf approve`, and production, which takes a run only with an approval that still holds."""

import copy
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.raw.custom.decisions import seal_of, write_entries
from loaders.salesforce.ledger.mapping import mapping_hash
from loaders.salesforce.ledger.steps import read_project

from .conftest import Migration, example


@pytest.fixture(scope="module")
def home(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    """A home whose org is made a production org; its mapping is touched and put back."""
    folder = tmp_path_factory.mktemp("approved") / "home"
    shutil.copytree(deployed, folder, symlinks=True)
    made = Migration(folder)
    yield made
    made.stop_org()


def change(migration: Migration, node: str, **values: Any) -> None:
    """Changes the mapping as an edit of the project and a build would."""
    file = migration.home / "target" / "manifest.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["nodes"][node] |= values
    file.write_text(json.dumps(document), encoding="utf-8")


def test_nothing_to_approve(migration: Migration) -> None:
    said = migration.sf("approve", code=3)
    assert "Nothing has been landed yet" in said
    migration.sf("pull")
    assert "dbt has not run here" in migration.sf("approve", code=3)
    migration.build(example(), t__patient="error")
    assert "model t__patient ended as error" in migration.sf("approve", code=3)


def test_a_sandbox_needs_none_and_may_have_one(home: Migration) -> None:
    org = home.json("plan")["org"]
    approved = home.json("approve", "--by", "Dr. Ada Park")["approved"]
    assert (approved["org"], approved["is_sandbox"], approved["approved_by"]) == (
        *(org, True),
        "Dr. Ada Park",
    )
    assert approved["login"].startswith("integration@")
    assert approved["sample"] is None
    assert all(len(approved[key]) == 64 for key in ("mapping", "schema_hash", "package"))
    noted = (home.home / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in noted[-2:]] == ["approved", "command ended"]
    assert "Dr. Ada Park approved" in home.json("plan")["approval"]


def test_a_sample_is_approved_by_what_it_showed(home: Migration) -> None:
    """Rolled back as people are told to, it still is one; its hash is that of the diff."""
    sample = home.json("sample", "--patients", "2", "--mask")
    diff = (home.home / "reports" / "sample_diff.csv").read_bytes()
    home.sf("rollback", "last")
    approved = home.json("approve")["approved"]
    assert approved["sample"] == sample["run"]
    assert approved["sample_hash"] == hashlib.sha256(diff).hexdigest()
    assert approved["sample_showed"]["masked"]
    home.json("run")
    assert home.json("sample")["run"] is None
    said = home.sf("approve")
    assert "this org, which had it all" in said and "masked" not in said
    change(home, "model.t.t__patient", raw_code="select 2")
    assert "of another mapping than today's" in home.sf("approve")
    home.build(example())


def test_production_asks_for_an_approval_that_holds(home: Migration) -> None:
    """Of the sandbox it was, all there is, is gone: a production org has an Id of its own."""
    home.stop_org()
    home.sf("org", "reset", "--yes")
    home.sf("pull")
    home.control("PATCH", "switches", {"is_sandbox": False})
    home.build(example())
    home.sf("schema", "deploy")
    said = home.sf("run", code=3)
    assert "is a production org, and nobody has approved a run into it." in said
    assert home.soql("SELECT Id FROM Account") == []
    # What would be sent is told all the same, and that it may not be yet.
    tried = home.json("run", "--dry-run", code=3)
    assert [each["kind"] for each in tried["blockers"]] == ["approval"]
    assert tried["steps"][0]["create"] == 3
    # A plan is what is approved, so it does not end as blocked.
    plan = home.json("plan")
    assert plan["needs_approval"] and not plan["blocked"]
    words = "Nothing blocks a run but that nobody has approved what it would load."
    assert words in " ".join(home.sf("plan").split())

    shown = home.sf("approve", "--by", "Dr. Ada Park")
    for words in (
        "a production org",
        "By       Dr. Ada Park (logged in as integration@",
        "Sample   org 00D",
    ):
        assert words in shown
    rows = example()
    rows["t__patient"][0]["FirstName"] = "Ann"
    home.build(rows)
    assert home.json("run")["sent"] == 36, "new data of the same mapping was approved with it"

    for node, edit in (
        ("model.t.t__patient", {"raw_code": "select 2"}),
        ("seed.t.words", {"checksum": {"name": "sha256", "checksum": "other"}}),
    ):
        home.build(rows)
        change(home, node, **edit)
        said = home.sf("run", code=3)
        assert "and the mapping changed since Dr. Ada Park approved on 20" in said
        assert "and the mapping changed since the last sample" in home.sf("approve", code=3)
    home.build(rows)
    home.sf("run")


def test_options_and_confirmed_fields_are_part_of_the_mapping(
    home: Migration, tmp_path: Path
) -> None:
    options = tmp_path / "other.yml"
    options.write_text("defaults: {country: CA}\n", encoding="utf-8")
    home.environment = {"MIGRATION_CONFIG": str(options)}
    assert "and the mapping changed since" in home.sf("run", code=3)
    options.write_text("# a comment is no option\ndefaults: {}\n", encoding="utf-8")
    fields = home.home / "custom_fields.yml"
    entry = {"object": "Contact", "api_name": "Shoe__c", "type": "Text", "label": "Shoe"}
    write_entries(fields, [entry | {"status": "proposed"}])
    home.sf("run")
    confirmed = entry | {"status": "confirmed", "length": 9}
    write_entries(fields, [confirmed])
    assert "Contact.Shoe__c is not as it was sealed" in home.sf("run", code=3)
    write_entries(fields, [confirmed | {"seal": seal_of(confirmed)}])
    assert "says other than what was landed" in home.sf("run", code=3)
    assert "the mapping and the schema changed since" in home.sf("plan", code=3).lower()
    fields.unlink()


def test_what_counts_of_the_code(home: Migration) -> None:
    """Macros count wherever they are used from, descriptions and what no mart reads do not."""
    file = home.home / "target" / "manifest.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    nodes = document["nodes"]
    nodes["seed.t.words"]["depends_on"]["macros"] = ["macro.t.outer"]
    nodes["model.t.apart"] = copy.deepcopy(nodes["model.t.waiting"]) | {"raw_code": "select 1"}
    nodes["model.t.apart"] |= {"unique_id": "model.t.apart", "name": "apart", "config": {}}
    document["macros"] = {
        "macro.t.outer": {"macro_sql": "a", "depends_on": {"macros": ["macro.t.inner"]}},
        "macro.t.inner": {"macro_sql": "b", "depends_on": {"macros": []}},
        "macro.t.unused": {"macro_sql": "c", "depends_on": {"macros": []}},
    }

    def hashed() -> str:
        file.write_text(json.dumps(document), encoding="utf-8")
        return mapping_hash(read_project(file), file, {}, [])

    first = hashed()
    document["macros"]["macro.t.unused"]["macro_sql"] = "d"
    nodes["model.t.apart"]["raw_code"] = "select 2"
    nodes["model.t.t__patient"]["columns"]["LastName"]["description"] = "Said otherwise."
    assert hashed() == first
    document["macros"]["macro.t.inner"]["macro_sql"] = "e"
    second = hashed()
    nodes["model.t.t__patient"]["columns"]["LastName"]["data_type"] = "text"
    assert len({first, second, hashed()}) == 3
    home.build(example())


def test_production_without_any_sample(home: Migration) -> None:
    with duckdb.connect(str(home.home / "manifest.duckdb")) as con:
        con.execute("delete from samples")
    assert "no sample was ever loaded from here" in home.sf("approve", code=3)
    assert home.sf("approve", "--by", "", code=2)
