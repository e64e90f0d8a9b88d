"""What is promised of a practice, field by field, held against the package and the org.

There is a table for each system, written by hand from what was promised, never from the marts. A
type given as `Text or Picklist` was left open; so are lengths and values that stand empty.
"""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from lxml import etree

from loaders.salesforce.ledger.steps import Field
from tests.python.support import PROJECT, Migration, door_to

from .packages import METADATA, texts

OBJECTS = PROJECT / "salesforce" / "force-app" / "main" / "default" / "objects"
MARTS = PROJECT / "models" / "marts" / "salesforce"
SYSTEMS = ("dentrix", "dental_exec")
# What describe calls the types.
DESCRIBED = {
    "Text": {"string", "combobox"},
    "TextArea": {"textarea"},
    "LongTextArea": {"textarea"},
    "Email": {"email"},
    "Phone": {"phone"},
    "Url": {"url"},
    "Picklist": {"picklist"},
    "MultiselectPicklist": {"multipicklist"},
    "Checkbox": {"boolean"},
    "Number": {"double", "int"},
    "Currency": {"currency"},
    "Percent": {"percent"},
    "Date": {"date"},
    "DateTime": {"datetime"},
    "Lookup": {"reference"},
    "Base64": {"base64"},
}


@dataclass(frozen=True)
class Promise:
    """One field of a system's table."""

    system: str
    object: str
    field: str
    types: tuple[str, ...]
    length: str
    precision: str
    scale: str
    lookup: str
    values: tuple[str, ...]

    @property
    def is_custom(self) -> bool:
        return self.field.endswith("__c")

    @property
    def host(self) -> str:
        """Where the package keeps the field: Event and Task have theirs in common."""
        return "Activity" if self.object in ("Event", "Task") else self.object

    def __str__(self) -> str:
        return f"{self.system}-{self.object}.{self.field}"


def promises() -> Iterator[Promise]:
    for system in SYSTEMS:
        with (Path(__file__).parent / f"target_{system}.csv").open(newline="") as lines:
            for row in csv.DictReader(lines):
                yield Promise(
                    *(system, row["object"], row["field"], tuple(row["type"].split(" or "))),
                    *(row["length"], row["precision"], row["scale"], row["lookup"]),
                    tuple(value for value in row["values"].split("|") if value),
                )


CUSTOM = [p for p in promises() if p.is_custom]
STANDARD = [p for p in promises() if not p.is_custom]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_table_is_whole(system: str) -> None:
    assert len([p for p in CUSTOM if p.system == system]) > 90
    assert len([p for p in STANDARD if p.system == system]) > 40
    assert len({str(p) for p in promises()}) == len(list(promises()))
    assert {t for p in promises() for t in p.types} <= set(DESCRIBED)


@pytest.mark.parametrize("promise", CUSTOM, ids=str)
def test_the_package_has_each_custom_field_as_promised(promise: Promise) -> None:
    path = OBJECTS / promise.host / "fields" / f"{promise.field}.field-meta.xml"
    assert path.exists(), "the package has no such field"
    root = etree.parse(path).getroot()
    said = {
        name: root.findtext(f"{{{METADATA}}}{name}") or ""
        for name in ("type", "length", "precision", "scale", "referenceTo")
    }
    assert said["type"] in promise.types
    if promise.lookup:
        assert said["referenceTo"] == promise.lookup
    for name in ("length", "precision", "scale"):
        if promised := getattr(promise, name):
            assert said[name] == promised, name
    values = texts(root, "valueSet/valueSetDefinition/value/fullName")
    if promise.values and values:
        assert set(promise.values) <= set(values)
    assert bool(promise.values) <= bool(values or texts(root, "valueSet/valueSetName"))


@pytest.fixture(scope="module")
def filled() -> set[tuple[str, str, str]]:
    """Each object's fields that a mart of a system fills, by the names the org knows them by."""
    found = set()
    for path in MARTS.rglob("[!_]*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            meta = model["config"]["meta"]["salesforce"]
            for column in model["columns"]:
                name = Field(column["name"], "", "").api_name
                found |= {(system, meta["object"], name) for system in _systems(path)}
    return found


def _systems(mart: Path) -> tuple[str, ...]:
    """Whose mart it is: what stands in `shared` is fed by both systems."""
    return SYSTEMS if mart.parent.name == "shared" else (mart.parent.name,)


@pytest.mark.parametrize("promise", [*STANDARD, *CUSTOM], ids=str)
def test_a_mart_fills_each_field(promise: Promise, filled: set[tuple[str, str, str]]) -> None:
    assert (promise.system, promise.object, promise.field) in filled


@pytest.fixture(scope="module")
def described(
    tmp_path_factory: pytest.TempPathFactory, parsed: Migration
) -> Iterator[dict[str, dict[str, Any]]]:
    """What an org says of itself once the package is in."""
    migration = Migration(tmp_path_factory.mktemp("target") / "home")
    migration.run("load-sf", "pull")
    shutil.copytree(parsed.home / "target", migration.home / "target")
    migration.run("load-sf", "schema", "deploy")
    door = door_to(migration.home)
    found: dict[str, dict[str, Any]] = {}
    for name in sorted({p.object for p in promises()}):
        answer = requests.get(
            f"{door.url}/services/data/v67.0/sobjects/{name}/describe",
            headers={"Authorization": f"Bearer {door.token}"},
            timeout=30,
        )
        fields = answer.json()["fields"] if answer.status_code == 200 else []
        found[name] = {field["name"]: field for field in fields}
    yield found
    migration.stop_org()


@pytest.mark.parametrize("promise", [*STANDARD, *CUSTOM], ids=str)
def test_the_org_describes_each_field(
    promise: Promise, described: dict[str, dict[str, Any]]
) -> None:
    assert promise.field in described[promise.object], "the org has no such field"
    field = described[promise.object][promise.field]
    assert field["type"] in {name for t in promise.types for name in DESCRIBED[t]}
    if promise.lookup:
        assert promise.lookup in field["referenceTo"]
    if promise.length:
        assert field["length"] == int(promise.length)
    if promise.precision:
        assert (field["precision"], field["scale"]) == (
            int(promise.precision),
            int(promise.scale),
        )
    listed = {value["value"] for value in field.get("picklistValues") or ()}
    assert set(promise.values) <= listed
