"""What one migration's package has beyond the marts' own: values of its data and its org, and
custom fields a person confirmed."""

import copy
import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from loaders.errors import UserError
from loaders.home import Home
from loaders.raw.custom.decisions import seal_of, write_entries
from loaders.salesforce.ledger.steps import read_project
from loaders.salesforce.schema.migration import keeping, migration_schema

from .conftest import Migration, Rows, example, manifest_document
from .packages import EVERYTHING, Marts, schema_of, texts

OBJECTS = "schema/force-app/main/default/objects"
CONFIRMED = """
fields:
  - status: confirmed
    source: dentrix.patient.custom1
    score: 0.9
    reasons: [no field of the org is like it]
    object: Contact
    api_name: Shoe_Size__c
    type: Text
    label: Shoe Size
    length: 10
    by: someone
    at: 2026-11-20
  - {status: confirmed, object: Task, api_name: Room_Color__c, type: Picklist, label: Room Color,
     values: [Blue, Green]}
  - {status: confirmed, object: Contact, api_name: Department, type: Text, label: Department}
  - {status: proposed, object: Contact, api_name: Not Yet Named}
  - {status: ignored}
"""


@pytest.fixture
def everything(migration: Migration) -> Migration:
    migration.marts = copy.deepcopy(EVERYTHING)
    return migration


def sealed(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries, as `load-raw confirm` seals them."""
    return [entry | {"seal": seal_of(entry)} for entry in document["fields"]]


def values(migration: Migration, path: str) -> list[str]:
    root = etree.parse(migration.home / OBJECTS / path).getroot()
    return texts(root, "valueSet/valueSetDefinition/value/fullName")


def with_data() -> Rows:
    rows = example()
    codes = ["D1110", " D2740 ", "d1110", "D1110", None, "", "d0120", "D0120"]
    rows["t__plan"] = [
        {"Migration_Key__c": f"k{n}", "CDT_Code__c": code} for n, code in enumerate(codes)
    ]
    rows["t__plan"].append({"Migration_Key__c": "k", "CDT_Code__c": "Held", "_held_back": True})
    rows["t__event"] = [{"Migration_Key__c": "e", "Appointment_Status__c": "Broken; twice"}]
    rows["t__visit"] = [{"Migration_Key__c": "v", "Appointment_Status__c": "Will Call"}]
    return rows


def alerts(marts: Marts) -> None:
    """Lets the patient's alerts take values of the data."""
    columns = marts["t__patient"][1]
    index = next(i for i, column in enumerate(columns) if column[0] == "Clinical_Alert__c")
    name, data_type, meta = columns[index]
    columns[index] = (name, data_type, meta | {"from_data": True})


def test_values_of_the_data_join_this_package_only(everything: Migration) -> None:
    alerts(everything.marts)
    rows = with_data()
    rows["t__patient"][0]["Clinical_Alert__c"] = "Penicillin; Nuts;latex"
    everything.build(rows)
    everything.sf("schema")
    codes = "Treatment_Plan__c/fields/CDT_Code__c.field-meta.xml"
    # One spelling each, blanks trimmed, the one the marts name first; held-back rows say nothing.
    assert values(everything, codes) == ["D0120", "D1110", "D2740"]
    activity = values(everything, "Activity/fields/Appointment_Status__c.field-meta.xml")
    assert activity == ["Scheduled", "Broken; twice", "Will Call"]
    contact = values(everything, "Contact/fields/Clinical_Alert__c.field-meta.xml")
    assert contact == ["Latex", "Nuts", "Penicillin"]
    made = everything.home / OBJECTS / codes
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_more_values_than_a_picklist_holds_are_said(everything: Migration) -> None:
    rows = example()
    rows["t__plan"] = [
        {"Migration_Key__c": f"k{n}", "CDT_Code__c": f"D{n % 1200:04d}"} for n in range(1300)
    ]
    everything.build(rows)
    process = everything.start("schema")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Treatment_Plan__c.CDT_Code__c: the data has 1,199 values" in err
    found = values(everything, "Treatment_Plan__c/fields/CDT_Code__c.field-meta.xml")
    assert len(found) == 1000
    # Those that come twice are in before those that come once.
    assert {f"D{n:04d}" for n in range(100)} <= set(found)


def test_a_value_no_picklist_can_hold_stops(everything: Migration) -> None:
    rows = example()
    rows["t__plan"] = [{"Migration_Key__c": "k", "CDT_Code__c": "Secret" + "x" * 250}]
    everything.build(rows)
    said = everything.sf("schema", code=1)
    assert "Treatment_Plan__c.CDT_Code__c: 1 values of the data have more than 255" in said
    assert "Secret" not in said


def test_values_of_the_org_stay(everything: Migration) -> None:
    everything.sf("pull")
    everything.build(with_data())
    everything.sf("schema", "deploy")
    rows = with_data()
    rows["t__plan"] = [{"Migration_Key__c": "k", "CDT_Code__c": "D9999"}]
    everything.build(rows)
    everything.sf("schema", "deploy")
    fields = everything.rest("GET", "sobjects/Treatment_Plan__c/describe")["fields"]
    code = next(f for f in fields if f["name"] == "CDT_Code__c")
    assert {v["value"] for v in code["picklistValues"]} == {"D0120", "D1110", "D2740", "D9999"}


def test_what_is_sent_names_what_the_org_lists(tmp_path: Path) -> None:
    """Deploying a picklist deactivates what its file leaves out, also what people added."""
    schema = schema_of(EVERYTHING, tmp_path)

    def described(name: str, *listed: tuple[str, bool]) -> dict[str, Any]:
        entries = [{"value": value, "active": active} for value, active in listed]
        return {"fields": [{"name": name, "picklistValues": entries}]}

    kept = keeping(
        schema,
        {
            "Event": described("Appointment_Status__c", ("No Show", True), ("Old", False)),
            "Procedure__c": described("Quad__c", ("Mouth", True), ("ll", True)),
            "Contact": None,
        },
    )
    fields = {(o.api_name, f.api_name): f.values for o in kept.objects for f in o.fields}
    assert fields["Activity", "Appointment_Status__c"] == ("Scheduled", "No Show")
    assert kept.value_sets[0].values == ("LL", "LR", "UR", "UL", "Mouth")
    assert fields["Treatment_Plan__c", "CDT_Code__c"] == ("D0120",)


def test_confirmed_fields_join_and_are_granted(everything: Migration) -> None:
    everything.build(example())
    write_entries(everything.home / "custom_fields.yml", sealed(yaml.safe_load(CONFIRMED)))
    everything.sf("pull")
    everything.sf("schema")
    root = everything.home / OBJECTS
    assert (root / "Contact/fields/Shoe_Size__c.field-meta.xml").exists()
    room = values(everything, "Activity/fields/Room_Color__c.field-meta.xml")
    assert room == ["Blue", "Green"]
    assert not list(root.rglob("Department*"))
    sets = root.parent / "permissionsets" / "Bridgework_Loader.permissionset-meta.xml"
    granted = texts(etree.parse(sets).getroot(), "fieldPermissions/field")
    assert {"Contact.Shoe_Size__c", "Task.Room_Color__c", "Event.Room_Color__c"} <= set(granted)
    layout = root.parent / "layouts" / "Contact-Bridgework Patient Layout.layout-meta.xml"
    assert "Shoe_Size__c" in layout.read_text()
    everything.sf("schema", "deploy")
    described = everything.rest("GET", "sobjects/Contact/describe")["fields"]
    assert "Shoe_Size__c" in {f["name"] for f in described}
    assert "nothing to deploy" in everything.sf("schema", "deploy")


GOOD = {
    "status": "confirmed",
    "object": "Contact",
    "api_name": "Size__c",
    "type": "Text",
    "label": "Size",
}
MALFORMED: dict[str, tuple[Any, str]] = {
    "no YAML": ("fields: [", "line 1: this is no YAML"),
    "no list": ("fields: 3", "it has no list `fields:`"),
    "a bare list": ([GOOD], "it has no list `fields:`"),
    "an entry that is no map": ({"fields": ["x"]}, "entry 1: it is no map"),
    "no status": ({"fields": [GOOD | {"status": "yes"}]}, "entry 1: its status is none of"),
    "no label": (
        {"fields": [{k: v for k, v in GOOD.items() if k != "label"}]},
        "entry 1: it names no label",
    ),
    "a misspelt word": ({"fields": [GOOD | {"lenght": 3}]}, "Did you mean `length`"),
    "a length that is text": ({"fields": [GOOD | {"length": "3"}]}, "not a whole number"),
    "a type that is none": (
        {"fields": [GOOD | {"type": "Memo"}]},
        "custom_fields.yml: Contact.Size__c: there is no type Memo",
    ),
    "a lookup": ({"fields": [GOOD | {"type": "Lookup"}]}, "a lookup needs a mart of its own"),
    "a length out of bounds": ({"fields": [GOOD | {"length": 999}]}, "length 999 of a Text"),
    "a picklist without values": ({"fields": [GOOD | {"type": "Picklist"}]}, "without values"),
    "an object no mart loads": (
        {"fields": [GOOD | {"object": "Opportunity"}]},
        "Opportunity: a confirmed field is on it, but no mart loads it",
    ),
    "one field twice": (
        {"fields": [GOOD, GOOD | {"api_name": "size__c"}]},
        "entry 2: Contact.size__c is there already",
    ),
    "a field of the marts, otherwise": (
        {"fields": [GOOD | {"api_name": "Chart_Number__c", "label": "Chart Number"}]},
        "t__patient says length 40, custom_fields.yml says 255",
    ),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_malformed_entries_are_refused(fault: str, tmp_path: Path) -> None:
    document, expected = MALFORMED[fault]
    well_formed = isinstance(document, dict) and isinstance(document["fields"], list)
    if well_formed and all(isinstance(entry, dict) for entry in document["fields"]):
        document = {"fields": sealed(document)}
    text = document if isinstance(document, str) else json.dumps(document)
    (tmp_path / "custom_fields.yml").write_text(text, encoding="utf-8")
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(manifest_document(EVERYTHING)), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        migration_schema(Home(tmp_path), read_project(manifest).steps)
    assert expected in str(caught.value)
    assert caught.value.hint
