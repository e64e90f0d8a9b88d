"""What deploys change of what is there, with data in the way, and what they delete."""

from collections.abc import Iterator

import pytest

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import (
    CUSTOM,
    TAB,
    TEXT,
    Package,
    custom_field,
    failures,
    lookup,
    picklist,
    successes,
)
from tests.python.local_org.wording import assumed, sourced

LOGS = "a public repository's log of deploy errors"
NAMED = "<valueSet><restricted>true</restricted><valueSetName>Words</valueSetName></valueSet>"
LONG = "<length>1000</length><visibleLines>3</visibleLines>"
DATA = sourced("Cannot change type due to existing data", LOGS)
FIELDS = (
    custom_field("Text__c", "Text", TEXT),
    custom_field("Mail__c", "Email"),
    custom_field("Sum__c", "Currency", "<precision>6</precision><scale>2</scale>"),
    custom_field("Empty__c", "Number", "<precision>6</precision><scale>2</scale>"),
    custom_field("Word__c", "Picklist", picklist("Yes", "No")),
    custom_field("Parent__c", "Lookup", lookup("Account", "Parts")),
    custom_field("Key__c", "Text", TEXT),
)
GRANTED = ("Text", "Mail", "Sum", "Empty", "Word", "Parent", "Key")


def on_part(*fields: str, custom: str = "") -> Package:
    package = Package().object("Part__c", *fields, custom=custom)
    if not custom:
        package.members = {"CustomField": ["*"]}
    return package


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An org with records that fill the fields of Part__c, twice the same."""
    server = Server(tmp_path_factory.mktemp("filled") / "org")
    org = server.start()
    package = on_part(*FIELDS, custom=CUSTOM).value_set("Words", "Yes", "No")
    package.permission_set("P", *(f"Part__c.{name}__c" for name in GRANTED))
    assert org.deploy(package)["status"] == "Succeeded"
    org.assign("P")
    for _ in range(2):
        org.create(
            "Part__c",
            Text__c="twelve chars",
            Mail__c="a@b.example",
            Sum__c=123.45,
            Word__c="Yes",
            Key__c="same",
        )
    yield org
    org.session.close()
    server.end()


def refused(what: str) -> str:
    return assumed(f"The local org does not support the change of Part__c.{what}")


@pytest.mark.parametrize(
    ("name", "kind", "inner", "problem"),
    [
        (
            "Text__c",
            "Text",
            "<length>11</length>",
            assumed("Cannot decrease the length of field Text__c: data would be truncated"),
        ),
        ("Text__c", "Number", "<precision>9</precision><scale>0</scale>", DATA),
        ("Word__c", "Text", TEXT, DATA),
        ("Sum__c", "Number", "<precision>6</precision><scale>2</scale>", DATA),
        (
            "Empty__c",
            "Currency",
            "<precision>6</precision><scale>2</scale>",
            refused("Empty__c from Number to Currency"),
        ),
        (
            "Sum__c",
            "Currency",
            "<precision>4</precision><scale>2</scale>",
            assumed(
                "Cannot decrease the precision or scale of field Sum__c: data would be truncated"
            ),
        ),
        (
            "Sum__c",
            "Currency",
            "<precision>6</precision><scale>1</scale>",
            assumed(
                "Cannot decrease the precision or scale of field Sum__c: data would be truncated"
            ),
        ),
        (
            "Key__c",
            "Text",
            TEXT + "<unique>true</unique>",
            assumed("Cannot make field Key__c unique: there are duplicate values"),
        ),
        (
            "Word__c",
            "Picklist",
            NAMED,
            sourced("Cannot change which global value set this picklist uses", LOGS),
        ),
        (
            "Parent__c",
            "Lookup",
            lookup("Contact", "Parts"),
            assumed("Cannot change the object Parent__c refers to from Account to Contact"),
        ),
        (
            "New__c",
            "MasterDetail",
            lookup("Account", "News").replace("<deleteConstraint>SetNull</deleteConstraint>", ""),
            assumed("Can not add a MasterDetail field to Part__c: the object has records"),
        ),
    ],
)
def test_changes_that_data_forbids(
    filled: Client, name: str, kind: str, inner: str, problem: str
) -> None:
    result = filled.deploy(on_part(custom_field(name, kind, inner)))
    assert failures(result) == {f"Part__c.{name}": problem}


@pytest.mark.parametrize(
    ("name", "kind", "inner"),
    [
        ("Text__c", "Text", "<length>12</length>"),
        ("Text__c", "LongTextArea", LONG),
        ("Text__c", "TextArea", ""),
        ("Mail__c", "Text", TEXT),
        ("Sum__c", "Currency", "<precision>5</precision><scale>2</scale>"),
        ("Sum__c", "Currency", "<precision>18</precision><scale>4</scale>"),
        ("Key__c", "Text", TEXT + "<externalId>true</externalId>"),
        ("Empty__c", "Number", "<precision>2</precision><scale>0</scale>"),
        # Required fields may be blank on records that were there before.
        ("Empty__c", "Number", "<precision>6</precision><scale>2</scale><required>true</required>"),
    ],
)
def test_changes_that_data_allows(filled: Client, name: str, kind: str, inner: str) -> None:
    result = filled.deploy(on_part(custom_field(name, kind, inner)), checkOnly=True)
    assert failures(result) == {}
    made = successes(result)[f"CustomField Part__c.{name}"]
    assert (made["created"], made["changed"]) == (False, True)


def test_values_missing_from_a_picklist_are_deactivated(server: Server) -> None:
    """Sourced: the Metadata API's CustomValue page."""
    org = server.start()
    package = on_part(*FIELDS, custom=CUSTOM).permission_set("P", "Part__c.Word__c")
    assert org.deploy(package)["status"] == "Succeeded"
    org.assign("P")
    kept = org.create("Part__c", Word__c="No")
    fewer = on_part(custom_field("Word__c", "Picklist", picklist("Yes", "Maybe")))
    assert org.deploy(fewer)["status"] == "Succeeded"
    assert org.query(f"SELECT Word__c FROM Part__c WHERE Id = '{kept}'") == [{"Word__c": "No"}]
    code, _, _ = org.refused("Part__c", Word__c="No")
    assert code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    org.create("Part__c", Word__c="Maybe")
    org.session.close()


def test_deletions(server: Server) -> None:
    org = server.start()
    package = on_part(*FIELDS, custom=CUSTOM).tab("Part__c", TAB)
    package.permission_set("P", "Part__c.Text__c", "Part__c.Word__c")
    assert org.deploy(package)["status"] == "Succeeded"
    org.assign("P")
    org.create("Part__c", Text__c="x")
    result = org.deploy(Package().delete("CustomField", "Part__c.Text__c"))
    assert result["status"] == "Succeeded", failures(result)
    gone = successes(result)["CustomField Part__c.Text__c"]
    assert gone["deleted"] is True and gone["fileName"] == "destructiveChanges.xml"
    assert "Text__c" in org.query_error("SELECT Text__c FROM Part__c")["message"]
    assert org.query("SELECT Field FROM FieldPermissions") == [{"Field": "Part__c.Word__c"}]
    # A field of the same name starts empty.
    assert org.deploy(on_part(FIELDS[0]).permission_set("P", "Part__c.Text__c"))["success"]
    assert org.query("SELECT Text__c FROM Part__c") == [{"Text__c": None}]
    result = org.deploy(Package().delete("CustomObject", "Part__c"))
    text = sourced(
        "This custom object is referenced elsewhere in salesforce.com", "sfdx-hardis tips"
    )
    assert failures(result) == {"Part__c": text}
    both = Package().delete("CustomTab", "Part__c")
    both.delete("CustomObject", "Part__c", file="destructiveChangesPost.xml")
    assert org.deploy(both)["status"] == "Succeeded"
    assert org.call("GET", "/sobjects/Part__c/describe").status_code == 404
    assert org.deploy(Package().delete("PermissionSet", "P"))["status"] == "Succeeded"
    assert org.query("SELECT Id FROM PermissionSet") == []
    assert org.query("SELECT Id FROM PermissionSetAssignment") == []
    org.session.close()


@pytest.mark.parametrize(
    ("kind", "name", "problem"),
    [
        (
            "RecordType",
            "Contact.New",
            sourced("Cannot delete record type through API", "sfdx-hardis deployment tips"),
        ),
        ("CustomField", "*", assumed("The wildcard * is not allowed in a list of deletions")),
        ("ApexClass", "A", assumed("The local org does not support metadata of type ApexClass")),
        ("Wish", "A", sourced("Unknown type name 'Wish' specified in package.xml", "public logs")),
    ],
)
def test_deletions_that_are_refused(org: Client, kind: str, name: str, problem: str) -> None:
    inner = "<fullName>New</fullName><active>true</active><label>New</label>"
    made = org.deploy(Package().object("Contact", f"<recordTypes>{inner}</recordTypes>"))
    assert made["status"] == "Succeeded"
    assert failures(org.deploy(Package().delete(kind, name))) == {name: problem}


def test_what_something_shows_is_not_deleted(org: Client) -> None:
    column = (
        "<listViews><fullName>L</fullName><columns>FULL_NAME</columns><columns>Seen__c</columns>"
        "<filterScope>Everything</filterScope><label>L</label></listViews>"
    )
    assert org.deploy(Package().object("Contact", column))["status"] == "Succeeded"
    result = org.deploy(Package().delete("CustomField", "Contact.Seen__c"))
    text = sourced(
        "This custom field is referenced elsewhere in salesforce.com", "sfdx-hardis tips"
    )
    assert failures(result) == {"Contact.Seen__c": text}
    assert org.deploy(Package().delete("ListView", "Contact.L"))["status"] == "Succeeded"


def test_what_is_gone_already_is_a_warning(org: Client) -> None:
    package = Package().delete("CustomField", "Contact.Gone__c")
    result = org.deploy(package)
    assert (result["status"], result["numberComponentErrors"]) == ("Failed", 0)
    warned = successes(result)["CustomField Contact.Gone__c"]
    text = assumed("No CustomField named: Contact.Gone__c found")
    assert (warned["problem"], warned["problemType"]) == (text, "Warning")
    assert org.deploy(package, ignoreWarnings=True)["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ((), assumed("Must specify at least one customValue for a GlobalValueSet")),
        (("Yes", "yes"), assumed("Duplicate value: yes found in picklist")),
        (("v" * 256,), assumed("Picklist value: data value too large (max length=255)")),
    ],
)
def test_value_sets_that_do_not_deploy(org: Client, values: tuple[str, ...], problem: str) -> None:
    assert failures(org.deploy(Package().value_set("Words", *values))) == {"Words": problem}


def test_value_sets_change_every_field_that_uses_them(server: Server) -> None:
    org = server.start()
    package = on_part(custom_field("Word__c", "Picklist", NAMED), custom=CUSTOM)
    package.value_set("Words", "Yes", "No").permission_set("P", "Part__c.Word__c")
    assert org.deploy(package)["status"] == "Succeeded"
    org.assign("P")
    assert org.deploy(Package().value_set("Words", "Yes", "Maybe"))["status"] == "Succeeded"
    org.create("Part__c", Word__c="Maybe")
    code, _, _ = org.refused("Part__c", Word__c="No")
    assert code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    result = org.deploy(Package().delete("GlobalValueSet", "Words"))
    text = assumed("This global value set is referenced elsewhere in salesforce.com")
    assert failures(result) == {"Words": text}
    org.session.close()


def test_a_default_value_is_what_new_records_get(server: Server) -> None:
    org = server.start()
    word = picklist("Yes", "No").replace(
        "<fullName>No</fullName><default>false", "<fullName>No</fullName><default>true"
    )
    package = on_part(custom_field("Word__c", "Picklist", word), custom=CUSTOM)
    package.permission_set("P", "Part__c.Word__c")
    assert org.deploy(package)["status"] == "Succeeded"
    org.assign("P")
    org.create("Part__c")
    assert org.query("SELECT Word__c FROM Part__c") == [{"Word__c": "No"}]
    org.session.close()
