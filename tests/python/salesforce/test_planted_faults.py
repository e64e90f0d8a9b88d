"""Faults planted where people make them. In a mart's YAML: refused by us, and the org is sent
nothing. In the package itself, edited after it was made: refused by the org, in its words."""

import copy
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from loaders.salesforce.ledger.steps import read_project
from loaders.salesforce.schema.model import build_schema
from loaders.salesforce.schema.package import deployable
from tests.python.local_org.wording import assumed, sourced

from .conftest import KEY, MARTS, Migration, example

Marts = dict[str, tuple[dict[str, Any], list[Any]]]
FACTS = "public repositories that quote deployments of real orgs"


def column(step: str, name: str, meta: dict[str, Any]) -> Callable[[Marts], None]:
    """Plants a column in a mart."""

    def plant(marts: Marts) -> None:
        marts[step][1].append((name, "varchar", meta))

    return plant


def long_text_on_an_activity(marts: Marts) -> None:
    columns = [("Migration_Key__c", "varchar", KEY), ("Notes__c", "varchar", LONG)]
    marts["t__task"] = ({"object": "Task", "operation": "upsert"}, columns)


def same_list_twice(marts: Marts) -> None:
    """Two lookups whose lists on the parent would bear one name."""
    for number in (1, 2):
        name = f"{'Very_Long_Name_Of_A_Lookup'}_{number}__r.Migration_Key__c"
        meta = {"lookup": "t__patient", "relationship_name": "Same_List"}
        marts["t__insurance"][1].append((name, "varchar", meta))


TEXT = {"type": "Text", "length": 40}
LONG = {"type": "LongTextArea", "length": 32768}
MANY = [f"Value {n}" for n in range(1_001)]
ODD = "Odd__c"
CONTROLLED = "ControlledByParent"
# The planted column, and what the message must name beside the mart.
IN_THE_YAML: dict[str, tuple[Callable[[Marts], None], str]] = {
    "wrong type": (column("t__patient", ODD, {"type": "Wish"}), ODD),
    "length 999": (column("t__patient", ODD, {"type": "Text", "length": 999}), ODD),
    "precision 19": (
        column("t__patient", ODD, {"type": "Number", "precision": 19, "scale": 0}),
        ODD,
    ),
    "lookup to nothing": (column("t__patient", ODD, {"type": "Lookup"}), ODD),
    "lookup to no step": (
        column("t__patient", "Odd__r.Migration_Key__c", {"lookup": "t__nobody"}),
        "t__nobody",
    ),
    "two marts at odds": (
        column("t__guarantor", "Chart_Number__c", {"type": "Text", "length": 20}),
        "Chart_Number__c",
    ),
    "long label": (column("t__patient", ODD, TEXT | {"label": "L" * 41}), ODD),
    "bad API name": (column("t__patient", "Odd__Name__c", TEXT), "Odd__Name__c"),
    "duplicate value": (
        column("t__patient", ODD, {"type": "Picklist", "values": ["Yes", "yes"]}),
        ODD,
    ),
    "no values": (column("t__patient", ODD, {"type": "Picklist"}), ODD),
    "1,001 restricted values": (
        column("t__patient", ODD, {"type": "Picklist", "values": MANY, "restricted": True}),
        ODD,
    ),
    "external id on a picklist": (
        column("t__patient", ODD, {"type": "Picklist", "values": ["A"], "external_id": True}),
        ODD,
    ),
    "long text on an activity": (long_text_on_an_activity, "Notes__c"),
    "one list for two lookups": (same_list_twice, "Lookup_2__c"),
}


@pytest.mark.parametrize("fault", IN_THE_YAML)
def test_a_fault_in_the_yaml_reaches_no_org(migration: Migration, fault: str) -> None:
    plant, named = IN_THE_YAML[fault]
    migration.marts = copy.deepcopy(MARTS)
    plant(migration.marts)
    migration.build(example())
    said = migration.sf("schema", code=1)
    assert named in said
    assert "unforeseen" not in said
    assert not (migration.home / "schema").exists()


def replaced(file: str, old: str, new: str) -> Callable[[dict[str, str]], None]:
    """Edits a file of the package, once."""

    def plant(files: dict[str, str]) -> None:
        assert old in files[file], f"{old} is not in {file}"
        files[file] = files[file].replace(old, new, 1)

    return plant


def within(field: str, old: str, new: str) -> Callable[[dict[str, str]], None]:
    """Edits one field's definition; `old` is a pattern."""
    owner, _, name = field.partition(".")

    def plant(files: dict[str, str]) -> None:
        file = f"objects/{owner}.object"
        whole = re.search(rf"<fields>\s*<fullName>{name}</fullName>.*?</fields>", files[file], re.S)
        assert whole
        changed, times = re.subn(old, new, whole[0], count=1, flags=re.S)
        assert times == 1, f"{old} is not in {field}"
        files[file] = files[file].replace(whole[0], changed)

    return plant


def everywhere(old: str, new: str) -> Callable[[dict[str, str]], None]:
    """Renames something in all files."""

    def plant(files: dict[str, str]) -> None:
        for name, content in files.items():
            files[name] = content.replace(old, new)

    return plant


def master_of_user(files: dict[str, str]) -> None:
    """A lookup turned into a master-detail to User, and taken off the permission sets."""
    field = "Insurance_Detail__c.Carrier__c"
    within(field, "<referenceTo>Account<", "<referenceTo>User<")(files)
    within(field, "<type>Lookup<", "<type>MasterDetail<")(files)
    within(field, r"<deleteConstraint>[^<]*</deleteConstraint>", "")(files)
    within(field, r"<required>[^<]*</required>", "")(files)
    shared = "<sharingModel>{}</sharingModel>".format
    replaced("objects/Insurance_Detail__c.object", shared("Private"), shared(CONTROLLED))(files)
    entry = rf"<fieldPermissions>(?:(?!</fieldPermissions>).)*{field}.*?</fieldPermissions>"
    for name in [n for n in files if n.startswith("permissionsets/")]:
        files[name] = re.sub(entry, "", files[name], flags=re.S)


def on_task(files: dict[str, str]) -> None:
    """A field where people look for it, under Task, and where no org takes it."""
    contact = files["objects/Contact.object"]
    text = re.search(r"<fields>\s*<fullName>Chart_Number__c.*?</fields>", contact, re.S)
    assert text
    files["objects/Task.object"] = f'<CustomObject xmlns="{NAMESPACE}">{text[0]}</CustomObject>'
    declare(files, "CustomField", "Task.Chart_Number__c")


def declare(files: dict[str, str], kind: str, member: str) -> None:
    entry = f"<types><members>{member}</members><name>{kind}</name></types>"
    files["package.xml"] = files["package.xml"].replace("<version>", f"{entry}<version>", 1)


def granted(field: str) -> Callable[[dict[str, str]], None]:
    """A permission on one field more."""
    entry = (
        f"<fieldPermissions><editable>true</editable><field>{field}</field>"
        "<readable>true</readable></fieldPermissions>"
    )
    return replaced(LOADER, "<hasActivationRequired>", f"{entry}<hasActivationRequired>")


NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
LOADER = "permissionsets/Bridgework_Loader.permissionset"
BAD_NAME = (
    "The DeveloperName API Name can only contain underscores and alphanumeric characters. It must"
    " be unique, begin with a letter, not include spaces, not end with an underscore, and not"
    " contain two consecutive underscores."
)
# The edit, the component that must fail, and what must be said of it.
IN_THE_PACKAGE: dict[str, tuple[Callable[[dict[str, str]], None], str, str]] = {
    "bad enum": (
        within("Contact.Chart_Number__c", "<type>Text<", "<type>Wish<"),
        "Contact.Chart_Number__c",
        sourced("'Wish' is not a valid value for the enum 'FieldType'", FACTS),
    ),
    "length 999": (
        within("Contact.Chart_Number__c", "<length>40<", "<length>999<"),
        "Contact.Chart_Number__c",
        assumed("255"),
    ),
    "precision 19": (
        within("Account.Balance_0_30__c", "<precision>16<", "<precision>19<"),
        "Account.Balance_0_30__c",
        assumed("recision"),
    ),
    "missing label": (
        within("Contact.Chart_Number__c", r"<label>[^<]*</label>", ""),
        "Contact.Chart_Number__c",
        assumed("abel"),
    ),
    "too long label": (
        within("Contact.Chart_Number__c", r"<label>[^<]*<", f"<label>{'L' * 41}<"),
        "Contact.Chart_Number__c",
        assumed("data value too large"),
    ),
    "bad API name": (
        everywhere("Chart_Number__c", "Chart__Number__c"),
        "Contact.Chart__Number__c",
        sourced(BAD_NAME, FACTS),
    ),
    "lookup to nothing": (
        within("Contact.Guarantor__c", "<referenceTo>Contact<", "<referenceTo>Nobody__c<"),
        "Contact.Guarantor__c",
        sourced("referenceTo value of 'Nobody__c' does not resolve to a valid sObject type", FACTS),
    ),
    "required and emptied": (
        within("Insurance_Detail__c.Carrier__c", "<required>false<", "<required>true<"),
        "Insurance_Detail__c.Carrier__c",
        sourced("must specify either cascade delete or restrict delete", FACTS),
    ),
    "unique lookup": (
        within("Contact.Guarantor__c", "(<type>Lookup</type>)", r"\1<unique>true</unique>"),
        "Contact.Guarantor__c",
        sourced("Can not specify 'unique' for a CustomField of type Lookup", FACTS),
    ),
    "one list for two lookups": (
        within(
            "Insurance_Detail__c.Subscriber__c",
            "<relationshipName>[^<]*<",
            "<relationshipName>Insurance_Detail_Contact<",
        ),
        "Insurance_Detail__c.Subscriber__c",
        sourced("There is already a Child Relationship named Insurance_Detail_Contact", FACTS),
    ),
    "duplicate value": (
        within("Account.Account_Kind__c", "<fullName>Family<", "<fullName>practice<"),
        "Account.Account_Kind__c",
        assumed("uplicate"),
    ),
    "no values": (
        within("Account.Account_Kind__c", r"<valueSet>.*?</valueSet>", ""),
        "Account.Account_Kind__c",
        assumed("valueSet"),
    ),
    "external id on a picklist": (
        within("Account.Account_Kind__c", "<externalId>false<", "<externalId>true<"),
        "Account.Account_Kind__c",
        sourced("Invalid data type.", FACTS),
    ),
    "a field under Task": (
        on_task,
        "Task.Chart_Number__c",
        sourced("Entity Enumeration Or ID: bad value for restricted picklist field: Task", FACTS),
    ),
    "permission on what is not there": (
        granted("Contact.Nobody__c"),
        "Bridgework_Loader",
        sourced("In field: field - no CustomField named Contact.Nobody__c found", FACTS),
    ),
    "permission on a required field": (
        within("Contact.Chart_Number__c", "<required>false<", "<required>true<"),
        "Bridgework_Loader",
        sourced("You cannot deploy to a required field", FACTS),
    ),
    "master-detail to a user": (
        master_of_user,
        "Insurance_Detail__c.Carrier__c",
        assumed("User can not be the master of a MasterDetail field"),
    ),
    "an unknown element": (
        within("Contact.Chart_Number__c", "<length>", "<lenght>1</lenght><length>"),
        "Contact.Chart_Number__c",
        sourced("lenght invalid at this location in type CustomField", FACTS),
    ),
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the package as it is sent."""
    made = Migration(tmp_path_factory.mktemp("package") / "home")
    made.build(example())
    schema = build_schema(read_project(made.home / "target" / "manifest.json").steps)
    with zipfile.ZipFile(io.BytesIO(deployable(schema, "67.0"))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An org that has nothing of ours; nothing refused stays in it."""
    made = Migration(tmp_path_factory.mktemp("org") / "home")
    made.sf("pull")
    yield made
    made.stop_org()


def sent(org: Migration, files: dict[str, str]) -> dict[str, Any]:
    """The result of a deployment of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return dict(org.deploy(buffer.getvalue()))


@pytest.mark.parametrize("fault", IN_THE_PACKAGE)
def test_a_fault_in_the_package_is_refused_by_the_org(
    org: Migration, package: dict[str, str], fault: str
) -> None:
    plant, component, words = IN_THE_PACKAGE[fault]
    files = dict(package)
    plant(files)
    result = sent(org, files)
    assert result["success"] is False
    told = {f["fullName"]: f["problem"] for f in result["details"]["componentFailures"]}
    assert words in told.get(component, ""), told
    # All or nothing: the sound components are not kept either.
    described = org.rest("GET", "sobjects")["sobjects"]
    assert "Insurance_Detail__c" not in {o["name"] for o in described}


def test_the_package_without_a_fault_is_taken(
    tmp_path_factory: pytest.TempPathFactory, package: dict[str, str]
) -> None:
    made = Migration(tmp_path_factory.mktemp("sound") / "home")
    made.sf("pull")
    try:
        result = sent(made, package)
        assert result["success"] is True, result["details"]["componentFailures"]
    finally:
        made.stop_org()
