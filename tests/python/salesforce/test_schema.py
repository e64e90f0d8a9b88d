"""`load-sf schema`: a package the platform's own XSD accepts, and that an org takes once."""

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.python.support import Migration as Whole

from .conftest import MARTS, PROJECT, Migration, example
from .packages import METADATA, metadata_xsd


@pytest.fixture(scope="module")
def xsd() -> etree.XMLSchema:
    return metadata_xsd()


def test_every_file_is_valid(migration: Migration, xsd: etree.XMLSchema) -> None:
    migration.build(example())
    migration.sf("schema")
    folder = migration.home / "schema"
    files = sorted(folder.rglob("*.xml"))
    assert len(files) > 15
    for file in files:
        xsd.assertValid(etree.parse(file))
        if file.name.endswith(".field-meta.xml"):
            name = etree.parse(file).findtext(f"{{{METADATA}}}fullName")
            assert f"{name}.field-meta.xml" == file.name
    assert (folder / "sfdx-project.json").exists()
    first = {f: f.read_bytes() for f in files}
    migration.sf("schema")
    assert {f: f.read_bytes() for f in files} == first


def test_permission_sets(migration: Migration) -> None:
    migration.build(example())
    migration.sf("schema")
    folder = migration.home / "schema" / "force-app" / "main" / "default" / "permissionsets"
    loader = etree.parse(folder / "Bridgework_Loader.permissionset-meta.xml")
    granted = {e.text for e in loader.iter(f"{{{METADATA}}}field")}
    assert {"Contact.Guarantor__c", "Insurance_Detail__c.Contact__c"} <= granted
    billing = etree.parse(folder / "Bridgework_Billing_Read.permissionset-meta.xml")
    assert {e.text for e in billing.iter(f"{{{METADATA}}}editable")} == {"false"}
    clinical = etree.parse(folder / "Bridgework_Clinical_Read.permissionset-meta.xml")
    assert {e.text for e in clinical.iter(f"{{{METADATA}}}object")} == {"Account", "Contact"}


def test_the_checked_in_package_is_that_of_the_marts(
    tmp_path: Path, xsd: etree.XMLSchema, parsed: Whole
) -> None:
    shutil.copytree(parsed.home / "target", tmp_path / "target")
    Whole(tmp_path).run("load-sf", "schema")

    def package(folder: Path) -> dict[str, bytes]:
        return {
            str(f.relative_to(folder)): f.read_bytes()
            for f in folder.rglob("*")
            if f.is_file() and f.name != "plan.html"
        }

    made = package(tmp_path / "schema")
    assert package(PROJECT / "salesforce") == made, "run `make field-map`"
    for name, content in made.items():
        if name.endswith(".xml"):
            xsd.assertValid(etree.fromstring(content))


def test_two_marts_at_odds_over_a_field_stop(migration: Migration) -> None:
    marts: dict[str, Any] = copy.deepcopy(MARTS)
    other = ("Chart_Number__c", "varchar", {"type": "Text", "length": 20})
    marts["t__guarantor"][1].append(other)
    migration.marts = marts
    migration.build(example())
    said = migration.sf("schema", code=1)
    assert "Chart_Number__c" in said
    assert "t__patient" in said
    assert "t__guarantor" in said
    assert not (migration.home / "schema").exists()


def test_deploying_twice_changes_nothing(migration: Migration) -> None:
    migration.sf("pull")
    migration.build(example())
    migration.sf("schema", "diff", code=1)
    assert "would be taken" in migration.sf("schema", "deploy", "--check-only")
    migration.sf("schema", "diff", code=1)
    assert "assigned now" in migration.sf("schema", "deploy")
    assert "nothing to deploy" in migration.sf("schema", "deploy")
    assert migration.json("schema", "diff")["differences"] == []
    described = migration.rest("GET", "sobjects/Insurance_Detail__c/describe")
    contact = next(f for f in described["fields"] if f["name"] == "Contact__c")
    assert contact["referenceTo"] == ["Contact"]
    assert contact["relationshipName"] == "Contact__r"


def test_steps_that_wait_for_each_other_are_named(migration: Migration) -> None:
    marts: dict[str, Any] = copy.deepcopy(MARTS)
    back = ("Responsible__r.Migration_Key__c", "varchar", {"lookup": "t__patient"})
    marts["t__family"][1].append(back)
    migration.marts = marts
    migration.build(example())
    said = migration.sf("schema", code=1)
    assert "t__family -> t__patient" in said or "t__patient -> t__family" in said
