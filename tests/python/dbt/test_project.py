"""The dbt project holds to its own rules, read from the manifest dbt makes of it."""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.python.support import PROJECT, Migration

Node = dict[str, Any]
CORRECTIONS = PROJECT / "models" / "marts" / "migration" / "corrections.yml"


@pytest.fixture(scope="module")
def manifest(parsed: Migration) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((parsed.home / "target" / "manifest.json").read_text())
    return found


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> dict[str, Node]:
    return {n["name"]: n for n in manifest["nodes"].values() if n["resource_type"] == "model"}


@pytest.fixture(scope="module")
def steps(models: dict[str, Node]) -> dict[str, Node]:
    found = {name: m for name, m in models.items() if "salesforce" in m["config"]["meta"]}
    assert found
    return found


def fields(step: Node) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, column in step["columns"].items():
        if not name.startswith("_"):
            yield name, column["config"]["meta"].get("salesforce", {})


def test_everything_is_described(manifest: dict[str, Any], models: dict[str, Node]) -> None:
    bare = [name for name, m in models.items() if "Grain: " not in m["description"]]
    bare += [
        f"{n['name']}.{column['name']}"
        for n in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if n["resource_type"] in ("model", "seed", "source")
        for column in n["columns"].values()
        if not column["description"].strip()
    ]
    bare += [
        n["name"]
        for n in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if n["resource_type"] in ("seed", "source") and not n["description"].strip()
    ]
    bare += [
        m["name"]
        for m in manifest["macros"].values()
        if m["package_name"] == "bridgework"
        and not m["description"].strip()
        and not m["name"].startswith(("default__", "test_"))
    ]
    assert bare == []


def test_every_column_a_model_selects_is_declared(models: dict[str, Node]) -> None:
    assert [name for name, model in models.items() if not model["columns"]] == []


def test_marts_have_contracts_and_typed_columns(models: dict[str, Node]) -> None:
    marts = {name: m for name, m in models.items() if m["fqn"][1] == "marts"}
    assert [n for n, m in marts.items() if not m["config"]["contract"]["enforced"]] == []
    untyped = [
        f"{name}.{column['name']}"
        for name, m in marts.items()
        for column in m["columns"].values()
        if not column["data_type"]
    ]
    assert untyped == []


def test_checked_is_given_the_parents_its_lookups_name(steps: dict[str, Node]) -> None:
    for name, step in steps.items():
        code = step["raw_code"]
        call = re.search(r"checked\(\s*'shaped'(.*?)\)\s*}}", code, re.DOTALL)
        assert call, f"{name} does not end with checked()"
        parents = re.search(r"parents=\[(.*?)\]", call.group(1), re.DOTALL)
        given = set(re.findall(r"ref\('(\w+)'\)", parents.group(1) if parents else ""))
        looked_up = {meta["lookup"] for _, meta in fields(step) if "lookup" in meta}
        assert given == looked_up, name


def test_lookups_and_updates_name_steps(steps: dict[str, Node]) -> None:
    for name, step in steps.items():
        meta = step["config"]["meta"]["salesforce"]
        named = [m["lookup"] for _, m in fields(step) if "lookup" in m]
        if meta["operation"] == "update":
            named.append(meta["of"])
            assert steps[meta["of"]]["config"]["meta"]["salesforce"]["object"] == meta["object"]
        assert set(named) <= set(steps), name


def test_every_step_bears_the_migration_key(steps: dict[str, Node]) -> None:
    for name, step in steps.items():
        key = dict(fields(step)).get("Migration_Key__c")
        assert key and key["length"] == 100 and key["external_id"] and key["required"], name


def test_every_field_has_a_type(steps: dict[str, Node]) -> None:
    untyped = [f"{n}.{f}" for n, s in steps.items() for f, m in fields(s) if "type" not in m]
    assert [u for u in untyped if not u.endswith("Migration_Key__c")] == []


def test_a_field_of_two_steps_is_one_field(steps: dict[str, Node]) -> None:
    seen: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    for name, step in steps.items():
        for field, meta in fields(step):
            shape = {k: meta.get(k) for k in ("type", "length", "precision", "scale", "label")}
            place = (step["config"]["meta"]["salesforce"]["object"], field)
            other, known = seen.setdefault(place, (name, shape))
            assert known == shape, f"{place} differs between {other} and {name}"


def test_exposures_are_the_objects_steps_load(
    manifest: dict[str, Any], steps: dict[str, Node]
) -> None:
    loaded: dict[str, set[str]] = {}
    for step in steps.values():
        target = step["config"]["meta"]["salesforce"]["object"]
        loaded.setdefault(target, set()).add(step["unique_id"])
    shown = {e["label"]: set(e["depends_on"]["nodes"]) for e in manifest["exposures"].values()}
    assert shown == loaded


def test_corrections_gather_every_step(models: dict[str, Node], steps: dict[str, Node]) -> None:
    gathered = set(models["corrections"]["depends_on"]["nodes"])
    assert {step["unique_id"] for step in steps.values()} <= gathered


def test_who_corrects_names_places_and_classes_there_are(
    models: dict[str, Node], steps: dict[str, Node]
) -> None:
    loose = {name[4:].removesuffix("_loose_problems") for name in models if "_loose_" in name}
    classes = next(
        test["arguments"]["values"]
        for column in yaml.safe_load(CORRECTIONS.read_text())["models"][0]["columns"]
        if column["name"] == "class"
        for test in (one["accepted_values"] for one in column["data_tests"])
    )
    with (PROJECT / "seeds" / "who_corrects.csv").open(newline="") as lines:
        rows = [(row["origin"], row["class"]) for row in csv.DictReader(lines)]
    assert len(rows) == len(set(rows)) and ("", "") in rows
    assert {origin for origin, _ in rows} <= {"", "landing", *steps, *loose}
    assert {class_ for _, class_ in rows} <= {"", *classes}


def test_problem_columns_have_the_one_type(steps: dict[str, Node]) -> None:
    macro = (PROJECT / "macros" / "problem.sql").read_text()
    declared = re.search(r"struct\(field varchar.*?\)$", macro, re.MULTILINE)
    assert declared
    for name, step in steps.items():
        assert step["columns"]["_problems"]["data_type"] == f"{declared.group(0)}[]", name
