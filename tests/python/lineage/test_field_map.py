"""The field map of this project: what the YAML says is what the SQL does."""

import json
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage

from loaders.errors import UserError
from loaders.home import PROJECT
from loaders.lineage import site
from loaders.lineage.__main__ import compiled, faults, update
from loaders.lineage.columns import columns_of, relation_name
from loaders.lineage.field_map import FieldSource, field_map
from loaders.lineage.upstream import Role


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = compiled(tmp_path_factory.mktemp("compiled"))
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def fields(manifest: dict[str, Any]) -> list[FieldSource]:
    return field_map(manifest)


def field(fields: list[FieldSource], step: str, name: str) -> FieldSource:
    return next(f for f in fields if (f.step, f.field) == (step, name))


def test_every_source_is_true(fields: list[FieldSource]) -> None:
    """Each is in the lineage, and none of an export whose value may arrive is missing."""
    assert faults(fields) == []


def test_decided_by_is_what_make_field_map_writes(fields: list[FieldSource]) -> None:
    stale = [str(path.relative_to(PROJECT)) for path in update(PROJECT, fields, write=False)]
    assert stale == [], "run `make field-map` and review the diff"


def test_values_are_told_from_what_decides(fields: list[FieldSource]) -> None:
    city = field(fields, "dentrix__patient", "MailingCity").lineage
    assert city["dentrix.address.city"] is Role.ARRIVES
    assert city["dentrix.patient.addrid"] is Role.COMPARED
    assert city["dentrix.address.street1"] is Role.DECIDES
    salutation = field(fields, "dentrix__patient", "Salutation").lineage
    assert salutation["seeds.shared__salutation.salutation"] is Role.ARRIVES
    assert field(fields, "dentrix__patient", "Is_Provider__c").lineage == {}
    practice = field(fields, "dentrix__provider", "Account.Migration_Key__c")
    assert practice.sources == ("migration.practices.practice",)


def test_a_step_of_one_system_shows_nothing_of_another(fields: list[FieldSource]) -> None:
    """Patients of both systems are compared by the same models; carriers are fed by both."""
    seen: dict[str, set[str]] = {}
    for each in fields:
        seen.setdefault(each.step, set()).update(name.split(".")[0] for name in each.lineage)
    assert "dental_exec" not in seen["dentrix__patient"]
    assert not seen["dental_exec__patient"] & {"dentrix", "ascend"}
    assert {"dental_exec", "dentrix", "ascend"} <= seen["shared__carrier"]


def test_what_lineage_does_not_reach_is_refused(manifest: dict[str, Any]) -> None:
    nodes = dict(manifest["nodes"])
    name = "model.bridgework.dentrix__insurance"
    for code, said in (
        ("select unknown as x from nowhere", "nowhere is no model"),
        ("select from from", "cannot be read"),
        (None, "is not compiled"),
    ):
        nodes[name] = {**nodes[name], "compiled_code": code}
        with pytest.raises(UserError, match=said):
            field_map({**manifest, "nodes": nodes})


def test_pages_of_the_lineage_know_every_relation_and_column(manifest: dict[str, Any]) -> None:
    """What dbt-colibri is given: sources under names, and a catalog of every column."""
    named = site.named(manifest)
    catalog = site.catalog(named)
    entries = {**catalog["nodes"], **catalog["sources"]}
    known = {
        ".".join(str(entry["metadata"][part]).lower() for part in ("database", "schema", "name")): {
            column.lower() for column in entry["columns"]
        }
        for entry in entries.values()
    }
    staged = named["nodes"]["model.bridgework.stg_dental_exec__prospects"]
    assert "read_parquet" in manifest["nodes"][staged["unique_id"]]["compiled_code"]
    columns = columns_of(staged["compiled_code"], lambda relation: sorted(known[relation]))
    assert {"prospects.email", "prospects._line"} <= {
        f"{origin.relation.rpartition('.')[2]}.{origin.column}"
        for upstream in columns.values()
        for origin in upstream
    }
    assert len(entries) == len(named["sources"]) + sum(
        node["resource_type"] in ("model", "seed") for node in named["nodes"].values()
    )


# Two marts are enough: sqlglot needs seconds for each.
@pytest.mark.parametrize("step", ["dentrix__guarantor", "dentrix__insurance"])
def test_it_shows_all_that_sqlglot_shows(step: str, manifest: dict[str, Any]) -> None:
    node = manifest["nodes"][f"model.bridgework.{step}"]
    schema: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
    known: dict[str, list[str]] = {}
    for parent in (manifest["nodes"][name] for name in node["depends_on"]["nodes"]):
        tables = schema.setdefault(parent["database"], {}).setdefault(parent["schema"], {})
        tables[parent["name"]] = dict.fromkeys(parent["columns"], "varchar")
        relation = f"{parent['database']}.{parent['schema']}.{parent['name']}"
        known[relation] = [name.lower() for name in parent["columns"]]
    ours = columns_of(node["compiled_code"], known.get)
    tree = sqlglot.parse_one(node["compiled_code"], dialect="duckdb")
    compared = 0
    for column in (name for name in node["columns"] if not name.startswith("_")):
        whole = lineage(f'"{column}"', tree.copy(), schema=schema, dialect="duckdb")
        theirs = {
            (relation_name(leaf.source), leaf.name.partition(".")[2].strip('"').lower())
            for leaf in whole.walk()
            if isinstance(leaf.source, exp.Table)
        }
        assert theirs <= {(o.relation, o.column) for o in ours[column.lower()]}, column
        compared += len(theirs)
    assert compared
