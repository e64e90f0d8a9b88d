"""Fields of standard objects that marts fill, held against a table drawn from real describes (and,
for what no public describe shows, from the Object Reference): there, of that type, long enough,
writable; and never required by us."""

import csv
from pathlib import Path

import pytest

from loaders.salesforce.ledger.steps import Field, Step, read_project
from loaders.salesforce.schema.model import build_schema
from tests.python.support import Migration

from .packages import EVERYTHING, schema_of

TABLE = Path(__file__).parent / "standard_fields.csv"
# What describe may call the type a mart names.
DESCRIBED = {
    "Text": {"string", "combobox"},
    "TextArea": {"textarea"},
    "LongTextArea": {"textarea"},
    "Base64": {"base64"},
    "Email": {"email"},
    "Phone": {"phone"},
    "Picklist": {"picklist"},
    "Checkbox": {"boolean"},
    "Date": {"date"},
    "DateTime": {"datetime"},
    "Lookup": {"reference"},
}
# A mart may hold these back; the platform itself demands them.
DEMANDED = {
    ("Account", "Name"),
    ("Contact", "LastName"),
    ("Lead", "LastName"),
    ("Lead", "Company"),
}
# Salesforce takes an event without a start where it lasts all day; no appointment does, nor a visit
# without its day. A version may be a link instead of a file; ours have bytes, and a name.
DATED = {
    ("Event", "StartDateTime"),
    ("Task", "ActivityDate"),
    ("ContentVersion", "Title"),
    ("ContentVersion", "PathOnClient"),
    ("ContentVersion", "VersionData"),
}


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory, parsed: Migration) -> tuple[Step, ...]:
    """The project's own marts and those of the tests."""
    home = tmp_path_factory.mktemp("standard")
    own = read_project(parsed.home / "target" / "manifest.json").steps
    schema_of(EVERYTHING, home)
    return (*own, *read_project(home / "manifest.json").steps)


@pytest.fixture(scope="module")
def real() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return {(row["object"], row["field"]): row for row in csv.DictReader(lines)}


def standard(steps: tuple[Step, ...]) -> list[tuple[Step, Field]]:
    found = [
        (step, field)
        for step in steps
        for field in step.fields
        if not step.object.endswith("__c") and not field.is_custom
    ]
    assert len(found) > 50
    return found


def test_each_exists_with_its_type_and_length_and_can_be_written(
    steps: tuple[Step, ...], real: dict[tuple[str, str], dict[str, str]]
) -> None:
    objects = {step.name: step.object for step in steps}
    wrong = []
    for step, field in standard(steps):
        place = (step.object, field.api_name)
        row = real.get(place)
        if row is None:
            wrong.append(f"{place}: no such field")
            continue
        kind = field.type or "Lookup"
        if row["type"] not in DESCRIBED[kind]:
            wrong.append(f"{place}: {row['type']}, not {kind}")
        text = row["type"] in ("string", "textarea", "phone", "email", "combobox")
        if text and (field.length is None or field.length > int(row["length"])):
            wrong.append(f"{place}: holds {row['length']}, the mart lets {field.length} through")
        if field.lookup and objects[field.lookup] not in row["referenceTo"].split("|"):
            wrong.append(f"{place}: no lookup to {objects[field.lookup]}")
        if row["createable"] != "1" or (step.is_update and row["updateable"] != "1"):
            wrong.append(f"{place}: cannot be written")
    assert wrong == []


def test_none_is_demanded_by_us(steps: tuple[Step, ...]) -> None:
    """Marts hold rows back for want of what the platform demands, or of their parent; the package
    defines nothing of a standard field."""
    for step, field in standard(steps):
        if field.required and not field.lookup:
            place = (step.object, field.api_name)
            assert place in DEMANDED | DATED, f"{step.name}.{field.api_name}"
    own = tuple(step for step in steps if not step.name.startswith("t__"))
    for obj in build_schema(own).objects:
        assert all(field.api_name.endswith("__c") for field in obj.fields)


def test_what_the_platform_demands_is_filled(
    steps: tuple[Step, ...], real: dict[tuple[str, str], dict[str, str]]
) -> None:
    for step in steps:
        if step.is_update or step.object.endswith("__c"):
            continue
        columns = {field.api_name: field for field in step.fields}
        for sobject, name in DEMANDED & {place for place in real if place[0] == step.object}:
            assert real[sobject, name]["nillable"] == "0"
            assert columns[name].required, f"{step.name}.{name}"
