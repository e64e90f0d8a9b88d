"""The package of marts that need everything: each file valid, both forms the same, and what people
who did not write it find in their org."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from loaders.salesforce.schema.model import Schema
from loaders.salesforce.schema.package import deployable, source_files

from .conftest import Migration, example
from .packages import EVERYTHING, METADATA, SUFFIXES, metadata_xsd, plain, schema_of, texts

ROOT = "force-app/main/default"
VERSION = "67.0"


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    return schema_of(EVERYTHING, tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="module")
def files(schema: Schema) -> dict[str, Any]:
    """The source package, parsed, by path below force-app/main/default."""
    made = source_files(schema, VERSION)
    return {
        path.removeprefix(f"{ROOT}/"): etree.fromstring(content)
        for path, content in made.items()
        if path.endswith(".xml")
    }


@pytest.fixture(scope="module")
def zipped(schema: Schema) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(deployable(schema, VERSION))) as package:
        return {name: etree.fromstring(package.read(name)) for name in package.namelist()}


def test_every_file_is_valid_and_named_for_what_it_holds(files: dict[str, Any]) -> None:
    xsd = metadata_xsd()
    for path, root in files.items():
        xsd.assertValid(root)
        name = Path(path).name
        if name == "package.xml":
            continue
        bare, suffix = name.removesuffix("-meta.xml").rsplit(".", 1)
        assert etree.QName(root).localname == SUFFIXES[suffix], path
        said = root.findtext(f"{{{METADATA}}}fullName")
        assert said in (None, bare), path
    kinds = {etree.QName(root).localname for root in files.values()}
    assert kinds == {"Package", *SUFFIXES.values()}


def test_each_type_has_what_the_platform_wants_of_it(files: dict[str, Any]) -> None:
    fields = {path: root for path, root in files.items() if path.endswith(".field-meta.xml")}
    types = {t for root in fields.values() for t in texts(root, "type")}
    assert types == {
        *("Text", "TextArea", "LongTextArea", "Picklist", "MultiselectPicklist", "Number"),
        *("Currency", "Percent", "Checkbox", "Date", "DateTime", "Url", "Email", "Phone", "Lookup"),
    }
    for path, root in fields.items():
        kind = texts(root, "type")[0]
        said = {etree.QName(e).localname for e in root}
        assert {"label", "inlineHelpText", "description", "externalId"} <= said, path
        assert len(texts(root, "label")[0]) <= 40
        assert len(texts(root, "inlineHelpText")[0]) <= 510
        assert ("length" in said) == (kind in ("Text", "LongTextArea")), path
        assert ("precision" in said) == (kind in ("Number", "Currency", "Percent")), path
        assert ("scale" in said) == ("precision" in said), path
        assert ("visibleLines" in said) == (kind in ("LongTextArea", "MultiselectPicklist")), path
        assert ("defaultValue" in said) == (kind == "Checkbox"), path
        assert ("valueSet" in said) == kind.endswith("icklist"), path
        assert ("referenceTo" in said) == ("deleteConstraint" in said) == (kind == "Lookup"), path
        never = ("Checkbox", "LongTextArea", "MultiselectPicklist")
        assert ("required" in said) == (kind not in never), path


def test_lookups_to_a_custom_object_a_standard_one_and_a_user(files: dict[str, Any]) -> None:
    def field(path: str) -> dict[str, Any]:
        return dict(plain(files[f"objects/{path}.field-meta.xml"]))

    plan = field("Procedure__c/fields/Treatment_Plan__c")
    assert plan["referenceTo"] == "Treatment_Plan__c"
    assert plan["relationshipLabel"] == "Procedures"
    assert plan["relationshipName"] == "Procedure_Treatment_Plan"
    assert field("Procedure__c/fields/Account__c")["referenceTo"] == "Account"
    assert field("Treatment_Plan__c/fields/Provider__c")["referenceTo"] == "User"
    required = field("Treatment_Plan__c/fields/Contact__c")
    assert (required["required"], required["deleteConstraint"]) == ("true", "Restrict")
    # A mart that holds its row back without a parent asks nothing of people who add one by hand.
    relaxed = field("Procedure__c/fields/Contact__c")
    assert (relaxed["required"], relaxed["deleteConstraint"]) == ("false", "SetNull")
    both = [
        field(f"Insurance_Detail__c/fields/{name}")["relationshipLabel"]
        for name in ("Contact__c", "Subscriber__c")
    ]
    assert both == ["Insurance Details (Contact)", "Insurance Details (Subscriber)"]


def test_fields_of_event_and_task_live_on_activity(files: dict[str, Any]) -> None:
    assert "objects/Activity/fields/Operatory__c.field-meta.xml" in files
    assert "objects/Activity/fields/Procedure__c.field-meta.xml" in files
    assert "objects/ContentVersion/fields/Captured_Date__c.field-meta.xml" in files
    assert not [path for path in files if path.startswith(("objects/Event/", "objects/Task/"))]


def test_a_value_set_holds_what_all_its_fields_name(files: dict[str, Any]) -> None:
    shared = files["globalValueSets/Quadrant.globalValueSet-meta.xml"]
    assert texts(shared, "customValue/fullName") == ["LL", "LR", "UR", "UL"]
    for path in ("Treatment_Plan__c", "Procedure__c"):
        field = files[f"objects/{path}/fields/Quad__c.field-meta.xml"]
        assert texts(field, "valueSet/valueSetName") == ["Quadrant"]
        assert texts(field, "valueSet/restricted") == ["true"]
        assert not texts(field, "valueSet/valueSetDefinition/value/fullName")


def grants(root: Any) -> dict[str, dict[str, str]]:
    return {
        entry["object"]: entry
        for entry in (dict(children) for tag, children in plain(root) if tag == "objectPermissions")
    }


def test_permission_sets(files: dict[str, Any]) -> None:
    loader, clinical, billing = (
        files[f"permissionsets/Bridgework_{name}.permissionset-meta.xml"]
        for name in ("Loader", "Clinical_Read", "Billing_Read")
    )
    fields = set(texts(loader, "fieldPermissions/field"))
    assert {"Event.Operatory__c", "Task.Operatory__c", "ContentVersion.Captured_Date__c"} <= fields
    assert not {f for f in fields if f.startswith("Activity.")}
    required = {"Procedure__c.Completion_Date__c", "Treatment_Plan__c.Contact__c"}
    for root in (loader, clinical, billing):
        assert not required & set(texts(root, "fieldPermissions/field"))
        assert texts(root, "applicationVisibilities/application") == ["Bridgework"]
        assert not [tag for tag, _ in plain(root) if tag in ("classAccesses", "userPermissions")]
        assert {g["modifyAllRecords"] for g in grants(root).values()} == {"false"}
        assert not {"Event", "Task", "ContentVersion", "User"} & set(grants(root))
    assert {g["allowDelete"] for g in grants(loader).values()} == {"true"}
    assert {"Account", "Contact", "Lead", "Procedure__c", "Treatment_Plan__c"} <= set(
        grants(loader)
    )
    for root in (clinical, billing):
        assert set(texts(root, "fieldPermissions/editable")) == {"false"}
        assert {g["allowEdit"] for g in grants(root).values()} == {"false"}
    read = {name: g["viewAllRecords"] for name, g in grants(clinical).items()}
    assert read["Procedure__c"] == read["Treatment_Plan__c"] == "true"
    assert read["Contact"] == read["Account"] == "false"
    assert "Insurance_Detail__c" not in read
    assert set(texts(clinical, "tabSettings/tab")) == {"Procedure__c", "Treatment_Plan__c"}
    assert texts(billing, "tabSettings/tab") == ["Insurance_Detail__c"]
    seen = set(texts(clinical, "fieldPermissions/field"))
    assert "Procedure__c.Units__c" in seen
    assert "Procedure__c.Fee__c" not in seen
    assert "Procedure__c.Fee__c" in texts(billing, "fieldPermissions/field")
    assert "Contact.Chart_Number__c" in seen


def test_clinical_and_billing_objects_are_private(files: dict[str, Any]) -> None:
    for path, root in files.items():
        if path.endswith(".object-meta.xml"):
            assert texts(root, "sharingModel") == ["Private"]
            assert path.split("/")[1].endswith("__c")


def test_a_custom_object_has_its_tab_layout_compact_layout_and_list_views(
    files: dict[str, Any],
) -> None:
    assert texts(files["tabs/Procedure__c.tab-meta.xml"], "customObject") == ["true"]
    app = files["applications/Bridgework.app-meta.xml"]
    assert texts(app, "tabs") == [
        *("standard-home", "standard-Account", "standard-Contact", "standard-Event"),
        *("standard-Lead", "standard-Task"),
        *("Insurance_Detail__c", "Procedure__c", "Treatment_Plan__c", "standard-report"),
    ]
    assert (texts(app, "uiType"), texts(app, "navType")) == (["Lightning"], ["Standard"])
    made = files["objects/Procedure__c/Procedure__c.object-meta.xml"]
    compact = texts(made, "compactLayoutAssignment")[0]
    shown = files[f"objects/Procedure__c/compactLayouts/{compact}.compactLayout-meta.xml"]
    assert texts(shown, "fields")[:2] == ["Name", "Contact__c"]
    views = "objects/Procedure__c/listViews"
    assert texts(files[f"{views}/All.listView-meta.xml"], "columns")[0] == "NAME"
    month = files[f"{views}/This_Month.listView-meta.xml"]
    assert texts(month, "filters/field") == ["Completion_Date__c"]
    assert texts(month, "filters/value") == ["THIS_MONTH"]
    assert "Completion_Date__c" in texts(month, "columns")
    for root in (shown, month):
        listed = {*texts(root, "fields"), *texts(root, "columns")}
        assert not listed & {"Description__c", "Materials__c", "Migration_Key__c"}


def test_a_layout_shows_every_field_once_in_the_order_of_the_yaml(files: dict[str, Any]) -> None:
    plan = files["layouts/Treatment_Plan__c-Treatment Plan Layout.layout-meta.xml"]
    sections = [dict(c) for tag, c in plain(plan) if tag == "layoutSections"]
    labels = ["Treatment Plan", "Details", "CDT Codes", "System Information"]
    assert [s["label"] for s in sections] == labels
    assert [s["style"] for s in sections] == [
        *("TwoColumnsLeftToRight", "TwoColumnsLeftToRight", "OneColumn", "TwoColumnsLeftToRight")
    ]
    fields = texts(plan, "layoutSections/layoutColumns/layoutItems/field")
    assert sorted(fields) == sorted(
        {
            *("Name", "Contact__c", "Provider__c", "OwnerId", "Status__c", "CDT_Code__c"),
            *("Quad__c", "Total_Fee__c", "Plan_Date__c", "CDT_Codes__c"),
            *("CreatedById", "LastModifiedById", "Migration_Key__c"),
        }
    )
    left, right = plan.findall(f"{{{METADATA}}}layoutSections")[1].findall(
        f"{{{METADATA}}}layoutColumns"
    )
    assert texts(left, "layoutItems/field") == ["Status__c", "Quad__c", "Plan_Date__c"]
    assert texts(right, "layoutItems/field") == ["CDT_Code__c", "Total_Fee__c"]
    behavior = {
        dict(plain(i))["field"]: dict(plain(i))["behavior"]
        for i in plan.iter(f"{{{METADATA}}}layoutItems")
    }
    assert behavior["Name"] == behavior["Contact__c"] == "Required"
    assert behavior["Status__c"] == "Edit"
    assert behavior["Migration_Key__c"] == "Readonly"
    procedure = files["layouts/Procedure__c-Procedure Layout.layout-meta.xml"]
    # Who adds one by hand must find what the platform demands: else nobody can save it.
    required = {
        dict(plain(i))["field"]: dict(plain(i))["behavior"]
        for i in procedure.iter(f"{{{METADATA}}}layoutItems")
    }
    assert required["Completion_Date__c"] == "Required"
    assert required["Name"] == "Readonly"


def test_related_lists_stand_on_layouts_of_our_own(files: dict[str, Any], schema: Schema) -> None:
    layouts = {path: root for path, root in files.items() if path.startswith("layouts/")}
    standard = {
        "layouts/Account-Bridgework Layout.layout-meta.xml",
        "layouts/Contact-Bridgework Patient Layout.layout-meta.xml",
    }
    assert {path for path in layouts if "__c" not in path} == standard
    patient = layouts["layouts/Contact-Bridgework Patient Layout.layout-meta.xml"]
    lists = texts(patient, "relatedLists/relatedList")
    assert {
        *("Contact.Guarantor__c", "Insurance_Detail__c.Contact__c", "Procedure__c.Contact__c"),
        *("Insurance_Detail__c.Subscriber__c", "Treatment_Plan__c.Contact__c", "RelatedFileList"),
    } <= set(lists)
    assert len(lists) == len(set(lists))
    family = layouts["layouts/Account-Bridgework Layout.layout-meta.xml"]
    lists = texts(family, "relatedLists/relatedList")
    assert {"RelatedContactList", "Procedure__c.Account__c"} <= set(lists)
    for root in (patient, family):
        items = {
            dict(plain(i))["field"]: dict(plain(i))["behavior"]
            for i in root.iter(f"{{{METADATA}}}layoutItems")
        }
        assert items["Name"] == "Required"
        assert items["Migration_Key__c"] == "Readonly"
    plan = layouts["layouts/Treatment_Plan__c-Treatment Plan Layout.layout-meta.xml"]
    assert "Procedure__c.Treatment_Plan__c" in texts(plan, "relatedLists/relatedList")
    told = [each.what for each in schema.by_hand]
    assert "The page layout Contact-Bridgework Patient Layout" in told


def test_report_types_come_where_the_yaml_asks(files: dict[str, Any]) -> None:
    kinds = {p: root for p, root in files.items() if p.startswith("reportTypes/")}
    assert set(kinds) == {
        "reportTypes/Procedures.reportType-meta.xml",
        "reportTypes/Recalls_Due.reportType-meta.xml",
    }
    recalls = kinds["reportTypes/Recalls_Due.reportType-meta.xml"]
    assert texts(recalls, "baseObject") == ["Contact"]
    columns = [
        dict(c)
        for s, section in plain(recalls)
        if s == "sections"
        for c in [child for tag, child in section if tag == "columns"]
    ]
    starts = {c["field"] for c in columns if c["checkedByDefault"] == "true"}
    assert starts == {"Name", "Chart_Number__c"}
    assert {c["table"] for c in columns} == {"Contact"}
    assert "Clinical_Alert__c" in {c["field"] for c in columns}


def test_values_of_standard_picklists_are_left_to_people(
    schema: Schema, files: dict[str, Any]
) -> None:
    told = {each.what: each for each in schema.by_hand}
    assert "Task.Status: the value Gone" in told
    assert "Task.Status: the value Deferred" not in told
    assert "deactivate" in told["Task.Status: the value Gone"].why
    assert not [path for path in files if "standardValueSet" in path]


def test_package_xml_names_all_of_it(files: dict[str, Any], zipped: dict[str, Any]) -> None:
    named = {
        dict(children)["name"]: [text for tag, text in children if tag == "members"]
        for tag, children in plain(files["manifest/package.xml"])
        if tag == "types"
    }
    there: dict[str, list[str]] = {}
    for path in files:
        if path == "manifest/package.xml":
            continue
        bare, suffix = path.removesuffix("-meta.xml").rsplit(".", 1)
        parts = bare.split("/")
        inside = suffix in ("field", "listView", "compactLayout")
        name = f"{parts[1]}.{parts[-1]}" if inside else parts[-1]
        there.setdefault(SUFFIXES[suffix], []).append(name)
    assert named == {kind: sorted(names) for kind, names in there.items()}
    assert plain(zipped["package.xml"]) == plain(files["manifest/package.xml"])


def test_the_zip_and_the_source_agree(files: dict[str, Any], zipped: dict[str, Any]) -> None:
    inside = {"fields": "fields", "listViews": "listViews", "compactLayouts": "compactLayouts"}
    seen = {"package.xml"}
    for path, root in files.items():
        parts = path.split("/")
        if path == "manifest/package.xml":
            continue
        if parts[0] != "objects":
            name = path.removesuffix("-meta.xml")
            assert plain(zipped[name]) == plain(root), path
        else:
            name = f"objects/{parts[1]}.object"
            held = plain(zipped[name])
            if parts[2] in inside:
                assert (inside[parts[2]], plain(root)) in held, path
            else:
                own = [entry for entry in held if entry[0] not in inside]
                assert own == plain(root), path
        seen.add(name)
    assert seen == set(zipped)


def test_the_same_marts_make_the_same_bytes(schema: Schema, tmp_path: Path) -> None:
    again = schema_of(dict(reversed(EVERYTHING.items())), tmp_path)
    assert deployable(again, VERSION) == deployable(schema, VERSION)
    assert source_files(again, VERSION) == source_files(schema, VERSION)


def test_an_org_takes_everything_once(migration: Migration) -> None:
    migration.marts = EVERYTHING
    migration.sf("pull")
    migration.build(example())
    assert "components are in" in migration.sf("schema", "deploy")
    assert "nothing to deploy" in migration.sf("schema", "deploy")
    for shown in ("Event", "Task"):
        described = migration.rest("GET", f"sobjects/{shown}/describe")
        assert "Operatory__c" in {f["name"] for f in described["fields"]}
    described = migration.rest("GET", "sobjects/Procedure__c/describe")
    quad = next(f for f in described["fields"] if f["name"] == "Quad__c")
    assert [v["value"] for v in quad["picklistValues"]] == ["LL", "LR", "UR", "UL"]
