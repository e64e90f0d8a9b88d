"""Deploys: what is created, what changes nothing, what is refused and how."""

from typing import Any

import pytest

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import (
    OBJECT,
    Package,
    clinic,
    custom_field,
    key_field,
    lookup,
    picklist,
)

TEXT = "<length>20</length>"
CUSTOM = OBJECT.format(label="Thing", format="T-{000}")

# Wording seen from real orgs.
SOURCED = {
    "task": "Entity Enumeration Or ID: bad value for restricted picklist field: Task",
    "required": "You cannot deploy to a required field: Thing__c.Must__c",
    "relation": "There is already a Child Relationship named Things on Contact.",
    "nothing": "referenceTo value of 'Nope__c' does not resolve to a valid sObject type",
    "unique": "Can not specify 'unique' for a CustomField of type Lookup",
    "type": "'Wish' is not a valid value for the enum 'FieldType'",
    "permission": "In field: field - no CustomField named Contact.Nope__c found",
    "constraint": (
        "field integrity exception: unknown (must specify either cascade delete or restrict "
        "delete for required lookup foreign key)"
    ),
}
# The rule is documented, the wording is ours.
ASSUMED = {
    "length": "Length of a CustomField of type Text must be between 1 and 255",
    "long": "Length of a CustomField of type LongTextArea must be between 256 and 131072",
    "values": "Must specify 'valueSet' for a CustomField of type Picklist",
    "empty": "Must specify at least one value for a CustomField of type Picklist",
    "checkbox": "Must specify 'defaultValue' for a CustomField of type Checkbox",
    "activity": "Custom field type LongTextArea is not supported on Activity",
    "precision": "Precision must be between 1 and 18, and scale no larger than precision",
}


def failures(result: dict[str, Any]) -> dict[str, str]:
    return {each["fullName"]: each["problem"] for each in result["details"]["componentFailures"]}


def on_contact(*fields: str) -> Package:
    return Package().object("Contact", *fields)


@pytest.mark.parametrize(
    ("owner", "item", "problem"),
    [
        ("Contact", custom_field("A__c", "Wish"), SOURCED["type"]),
        ("Task", custom_field("A__c", "Text", TEXT), SOURCED["task"]),
        ("Contact", custom_field("A__c", "Lookup", lookup("Nope__c", "As")), SOURCED["nothing"]),
        (
            "Contact",
            custom_field("A__c", "Lookup", "<unique>true</unique>" + lookup("Account", "As")),
            SOURCED["unique"],
        ),
        (
            "Contact",
            custom_field("A__c", "Lookup", "<required>true</required>" + lookup("Account", "As")),
            SOURCED["constraint"],
        ),
        ("Contact", custom_field("A__c", "Text", "<length>256</length>"), ASSUMED["length"]),
        (
            "Contact",
            custom_field(
                "A__c", "LongTextArea", "<length>9</length><visibleLines>3</visibleLines>"
            ),
            ASSUMED["long"],
        ),
        ("Contact", custom_field("A__c", "Picklist"), ASSUMED["values"]),
        ("Contact", custom_field("A__c", "Picklist", picklist()), ASSUMED["empty"]),
        ("Contact", custom_field("A__c", "Checkbox"), ASSUMED["checkbox"]),
        (
            "Contact",
            custom_field("A__c", "Number", "<precision>19</precision><scale>0</scale>"),
            ASSUMED["precision"],
        ),
        (
            "Activity",
            custom_field(
                "A__c", "LongTextArea", "<length>300</length><visibleLines>3</visibleLines>"
            ),
            ASSUMED["activity"],
        ),
    ],
)
def test_fields_that_do_not_deploy(org: Client, owner: str, item: str, problem: str) -> None:
    result = org.deploy(Package().object(owner, item))
    assert result["status"] == "Failed" and result["success"] is False
    assert failures(result) == {f"{owner}.A__c": problem}
    assert result["numberComponentErrors"] == 1


def test_names_must_be_api_names(org: Client) -> None:
    result = org.deploy(on_contact(custom_field("a b__c", "Text", TEXT, label="A")))
    assert "can only contain underscores and alphanumeric" in failures(result)["Contact.a b__c"]


def test_relationship_names_are_unique_per_parent(org: Client) -> None:
    package = Package().object(
        "Thing__c",
        custom_field("One__c", "Lookup", lookup("Contact", "Things")),
        custom_field("Two__c", "Lookup", lookup("Contact", "Things")),
        custom=CUSTOM,
    )
    assert failures(org.deploy(package)) == {"Thing__c.Two__c": SOURCED["relation"]}


def test_permissions_on_required_and_missing_fields(org: Client) -> None:
    must = custom_field("Must__c", "Text", "<required>true</required>" + TEXT)
    package = Package().object("Thing__c", must, custom=CUSTOM)
    result = org.deploy(package.permission_set("P", "Thing__c.Must__c"))
    assert failures(result) == {"P": SOURCED["required"]}
    result = org.deploy(Package().permission_set("P", "Contact.Nope__c"))
    assert failures(result) == {"P": SOURCED["permission"]}


def test_one_failure_keeps_nothing(org: Client) -> None:
    package = on_contact(custom_field("Good__c", "Text", TEXT), custom_field("Bad__c", "Wish"))
    package.permission_set("Both", "Contact.Good__c")
    result = org.deploy(package)
    assert result["status"] == "Failed"
    missing = org.deploy(Package().permission_set("Both", "Contact.Good__c"))
    assert "no CustomField named Contact.Good__c" in failures(missing)["Both"]


def test_check_only_keeps_nothing(org: Client) -> None:
    result = org.deploy(on_contact(custom_field("Checked__c", "Text", TEXT)), checkOnly=True)
    assert result["status"] == "Succeeded" and result["checkOnly"] is True
    missing = org.deploy(Package().permission_set("C", "Contact.Checked__c"))
    assert missing["status"] == "Failed"


def test_what_package_xml_names_must_be_there_and_the_other_way_round(org: Client) -> None:
    package = Package(members={"CustomObject": ["Ghost__c"]})
    # SOURCED wording
    assert failures(org.deploy(package))["Ghost__c"] == (
        "An object 'Ghost__c' of type CustomObject was named in package.xml, but was not found "
        "in zipped directory"
    )
    package = on_contact(custom_field("Stray__c", "Text", TEXT))
    package.members = {}
    assert "not in package.xml" in failures(org.deploy(package))["Contact.Stray__c"]


def test_a_zip_that_is_no_package(org: Client) -> None:
    result = org.deploy(Package(manifest=False))
    assert (result["status"], result["errorMessage"]) == ("Failed", "No package.xml found")
    broken = on_contact()
    broken.files["objects/Contact.object"] = "<CustomObject"
    assert "Error parsing file" in org.deploy(broken)["errorMessage"]


def test_deployed_twice_changes_nothing_and_wider_is_allowed(server: Server) -> None:
    org = server.start()
    first = org.deploy(clinic())
    assert first["status"] == "Succeeded"
    made = {each["fullName"]: each["created"] for each in first["details"]["componentSuccesses"]}
    assert made["Insurance_Detail__c"] and made["Contact.Gender__c"]
    again = org.deploy(clinic())
    changed = [
        each["fullName"]
        for each in again["details"]["componentSuccesses"]
        if each["componentType"] != "PermissionSet" and (each["created"] or each["changed"])
    ]
    assert changed == []
    org.assign("Loader")
    org.create("Contact", LastName="L", Gender__c="Male")
    wider = on_contact(custom_field("Gender__c", "Picklist", picklist("Male", "Other")))
    assert org.deploy(wider)["status"] == "Succeeded"
    org.create("Contact", LastName="L", Gender__c="Other")
    org.create("Contact", LastName="L", Gender__c="Female")
    other = on_contact(custom_field("Gender__c", "Text", TEXT))
    assert org.deploy(other)["status"] == "Failed"
    org.session.close()


def test_field_level_security_decides_what_is_there(server: Server) -> None:
    org = server.start()
    assert org.deploy(clinic())["status"] == "Succeeded"

    def fields() -> dict[str, Any]:
        found = org.get("/sobjects/Contact/describe")["fields"]
        return {each["name"]: each for each in found}

    assert "Gender__c" not in fields()
    code, message, _ = org.refused("Contact", LastName="L", Gender__c="Male")
    # SOURCED wording
    assert (code, message) == (
        "INVALID_FIELD",
        "No such column 'Gender__c' on sobject of type Contact",
    )
    assignment = org.assign("Loader")
    seen = fields()
    assert seen["Gender__c"]["updateable"] is True
    assert (seen["Shown__c"]["createable"], seen["Shown__c"]["updateable"]) == (False, False)
    assert "Hidden__c" not in seen
    insurance = org.get("/sobjects/Insurance_Detail__c/describe")["fields"]
    assert "Migration_Key__c" in {each["name"] for each in insurance}
    answer = org.call("DELETE", f"/sobjects/PermissionSetAssignment/{assignment}")
    assert answer.status_code == 204
    assert "Gender__c" not in fields()
    org.session.close()


def test_value_sets_and_master_detail(server: Server) -> None:
    org = server.start()
    named = "<valueSet><restricted>true</restricted><valueSetName>Words</valueSetName></valueSet>"
    master = (
        "<referenceTo>Account</referenceTo><relationshipName>Things</relationshipName>"
        "<relationshipOrder>0</relationshipOrder>"
    )
    package = (
        Package()
        .value_set("Words", "Yes", "No")
        .object(
            "Thing__c",
            key_field(),
            custom_field("Word__c", "Picklist", named),
            custom_field("Account__c", "MasterDetail", master),
            custom=CUSTOM.replace("Private", "ControlledByParent"),
        )
        .permission_set("T", "Thing__c.Migration_Key__c", "Thing__c.Word__c")
    )
    result = org.deploy(package)
    assert result["status"] == "Succeeded", failures(result)
    org.assign("T")
    account = org.create("Account", Name="A")
    org.create("Thing__c", Account__c=account, Word__c="Yes")
    assert org.refused("Thing__c", Word__c="Yes")[0] == "REQUIRED_FIELD_MISSING"
    code, _, _ = org.refused("Thing__c", Account__c=account, Word__c="Maybe")
    assert code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    org.call("DELETE", f"/sobjects/Account/{account}")
    assert org.query("SELECT Id FROM Thing__c") == []
    org.session.close()


def test_custom_objects_get_prefixes_of_their_own(org: Client) -> None:
    package = Package()
    for name in ("First__c", "Second__c"):
        package.object(name, custom=CUSTOM)
    assert org.deploy(package)["status"] == "Succeeded"
    prefixes = [org.get(f"/sobjects/{x}/describe")["keyPrefix"] for x in ("First__c", "Second__c")]
    assert len(set(prefixes)) == 2 and all(x.startswith("a0") for x in prefixes)
    assert org.create("First__c").startswith(prefixes[0])
