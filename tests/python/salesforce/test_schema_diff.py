"""`load-sf schema diff`: each way an org can differ, told apart, with what to do about it."""

import re
from collections.abc import Callable

import pytest

from tests.python.local_org.package import (
    OBJECT,
    Package,
    custom_field,
    key_field,
    lookup,
    picklist,
)

from .conftest import Migration, example

NUMBERS = "<precision>{}</precision><scale>{}</scale>"
LONG = "<length>500</length><visibleLines>4</visibleLines>"


def send(migration: Migration, package: Package) -> str:
    """Deploys a package as another admin would; gives the Id of the user."""
    result = migration.deploy(package.zip())
    assert result["success"], [f["problem"] for f in result["details"]["componentFailures"]]
    return str(result["createdBy"])


def grant(migration: Migration, user: str) -> None:
    """Gives the user the loader's permission set as it stands in the org."""
    found = migration.soql("SELECT Id FROM PermissionSet WHERE Name = 'Bridgework_Loader'")
    body = {"PermissionSetId": found[0]["Id"], "AssigneeId": user}
    migration.rest("POST", "sobjects/PermissionSetAssignment", json=body)


def found(migration: Migration, code: int = 1) -> dict[tuple[str, str], str]:
    """Each difference's kind and place, and its detail."""
    listed = migration.json("schema", "diff", code=code)["differences"]
    assert all(d["do"] for d in listed)
    return {
        (d["kind"], ".".join(filter(None, (d["object"], d["field"])))): d["detail"] for d in listed
    }


@pytest.fixture
def built(migration: Migration) -> Migration:
    """A home with the example built and an org that has nothing of it."""
    migration.sf("pull")
    migration.build(example())
    return migration


def test_an_org_of_its_own_ideas(built: Migration) -> None:
    kinds = picklist("Practice", "Family", "Patient")
    user = send(
        built,
        Package()
        .object(
            "Account",
            key_field(),
            custom_field("Account_Kind__c", "Picklist", kinds),
            custom_field("Balance_0_30__c", "Currency", NUMBERS.format(10, 0)),
        )
        .object(
            "Contact",
            custom_field("Migration_Key__c", "Text", "<length>50</length>"),
            custom_field("Is_Provider__c", "Checkbox", "<defaultValue>false</defaultValue>"),
            custom_field("Chart_Number__c", "Number", NUMBERS.format(18, 0)),
            custom_field(
                "Clinical_Alert__c",
                "MultiselectPicklist",
                "<visibleLines>4</visibleLines>" + picklist("Latex"),
            ),
            custom_field("Clinical_Alert_Details__c", "LongTextArea", LONG),
            custom_field("Guarantor__c", "Lookup", lookup("Account", "Guaranteed")),
        )
        .permission_set(
            "Bridgework_Loader",
            "Account.Migration_Key__c",
            "Account.Account_Kind__c",
            "Account.Balance_0_30__c",
            "Contact.Migration_Key__c",
            "Contact.Chart_Number__c",
            "Contact.Clinical_Alert__c",
            "Contact.Clinical_Alert_Details__c",
            "Contact.Guarantor__c",
            read_only=("Contact.Is_Provider__c",),
        ),
    )
    grant(built, user)
    told = found(built)
    assert told.keys() == {
        ("missing", "Contact.Original_Patient_Create_Date__c"),
        ("missing", "Insurance_Detail__c"),
        ("other type", "Contact.Chart_Number__c"),
        ("other target", "Contact.Guarantor__c"),
        ("narrower", "Account.Balance_0_30__c"),
        ("narrower", "Contact.Clinical_Alert_Details__c"),
        ("narrower", "Contact.Migration_Key__c"),
        ("missing values", "Account.Account_Kind__c"),
        ("missing values", "Contact.Clinical_Alert__c"),
        ("restricted", "Contact.Clinical_Alert__c"),
        ("not a key", "Contact.Migration_Key__c"),
        ("not granted", "Contact.Is_Provider__c"),
    } | {k for k in told if k[0] == "not on the permission set"}
    assert told["narrower", "Contact.Migration_Key__c"] == "50 characters instead of 100"
    assert told["missing values", "Account.Account_Kind__c"] == "1 of 4: Insurance Carrier"
    assert "an external ID" in told["not a key", "Contact.Migration_Key__c"]
    assert told["other type", "Contact.Chart_Number__c"] == "double instead of string"
    assert told["other target", "Contact.Guarantor__c"] == "points at Account instead of Contact"

    said = built.sf("schema", "diff", code=1)
    titles = ["does not have these yet", "of another type", "less room", "cannot serve as keys"]
    places = [said.index(title) for title in titles]
    assert places == sorted(places)
    assert "Deleted Fields" in said


def test_a_field_the_org_demands(built: Migration) -> None:
    built.sf("schema", "deploy")
    must = custom_field("Priority__c", "Picklist", picklist("Primary", "Secondary"))
    must = must.replace("</fields>", "<required>true</required></fields>")
    package = Package().object("Insurance_Detail__c", must)
    package.members = {"CustomField": ["Insurance_Detail__c.Priority__c"]}
    send(built, package)
    assert found(built) == {("required", "Insurance_Detail__c.Priority__c"): "must be filled"}


def test_an_equal_org_ends_with_zero(built: Migration) -> None:
    built.sf("schema", "deploy")
    assert found(built, code=0) == {}
    assert "everything this migration needs" in built.sf("schema", "diff")


def loader_set(built: Migration, change: Callable[[str], str]) -> Package:
    """The loader's permission set, as an admin has changed it since."""
    folder = built.home / "schema" / "force-app" / "main" / "default" / "permissionsets"
    name = "Bridgework_Loader.permissionset"
    package = Package(members={"PermissionSet": ["Bridgework_Loader"]})
    package.files[f"permissionsets/{name}"] = change((folder / f"{name}-meta.xml").read_text())
    return package


def without(text: str, element: str, name: str) -> str:
    """The permission set less what it says of one object or field."""
    found, count = re.subn(
        rf"\s*<{element}>(?:(?!</{element}>).)*>{name}<.*?</{element}>", "", text, flags=re.DOTALL
    )
    assert count == 1
    return found


def test_hidden_is_told_from_missing(built: Migration) -> None:
    """Fields without a grant are there for the setup only: making them anew would not help."""
    text = "<length>40</length>"
    package = Package().object("Contact", custom_field("Chart_Number__c", "Text", text))
    insurance = custom_field("Group_Number__c", "Text", text)
    label = OBJECT.format(label="Insurance Detail", format="I-{0000}")
    send(built, package.object("Insurance_Detail__c", insurance, custom=label))
    told = found(built)
    assert told["not granted", "Contact.Chart_Number__c"] == "hidden from this user"
    assert told["missing", "Contact.Guarantor__c"] == "no such field"
    assert told["not granted", "Insurance_Detail__c.Group_Number__c"] == "hidden from this user"
    assert told["missing", "Insurance_Detail__c.Carrier__c"] == "no such field"
    assert built.json("schema", "diff", code=1)["notes"] == []
    # An org that does not show its setup leaves the question open, and says so.
    forbidden = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "No access"}]
    built.arm({"path": "tooling/query", "status": 403, "body": forbidden, "times": 0})
    told = found(built)
    assert "may not see" in told["missing", "Contact.Chart_Number__c"]
    assert "Tooling API" in built.json("schema", "diff", code=1)["notes"][0]


def test_what_the_loaders_set_lacks(built: Migration) -> None:
    built.sf("schema", "deploy")
    built.sf("schema")
    gone, dimmed = "Contact.Chart_Number__c", "Account.Account_Kind__c"

    def narrowed(text: str) -> str:
        text = without(text, "fieldPermissions", gone)
        text = without(text, "objectPermissions", "Insurance_Detail__c")
        before = f"<editable>true</editable>\n        <field>{dimmed}<"
        assert before in text
        return text.replace(before, before.replace("true", "false"))

    send(built, loader_set(built, narrowed))
    told = found(built)
    assert told["not on the permission set", gone] == "not granted"
    assert told["not on the permission set", dimmed] == "read only"
    lacks = told["not on the permission set", "Insurance_Detail__c"]
    assert lacks == "lacks Read, Create, Edit"
    assert built.json("schema", "diff", code=1)["notes"] == []


def test_a_set_that_is_not_assigned_is_one_cause_not_many(built: Migration) -> None:
    built.sf("schema", "deploy")
    assigned = built.soql("SELECT Id FROM PermissionSetAssignment")[0]
    built.rest("DELETE", f"sobjects/PermissionSetAssignment/{assigned['Id']}")
    told = found(built)
    assert told.keys() == {("not assigned", "Bridgework_Loader")}
    assert "hidden until it is" in told["not assigned", "Bridgework_Loader"]
    assert "assigned now" in built.sf("schema", "deploy")


def test_a_set_that_is_not_there(built: Migration) -> None:
    told = found(built)
    assert told["no permission set", "Bridgework_Loader"] == "no such set"
    assert ("missing", "Insurance_Detail__c") in told
