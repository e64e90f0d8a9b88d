"""Deploys: what is created, what changes nothing, what is refused and how."""

from typing import Any

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import (
    CUSTOM,
    TEXT,
    Package,
    clinic,
    custom_field,
    failures,
    key_field,
    picklist,
)
from tests.python.local_org.wording import sourced

LOGS = "a public repository's log of deploy errors"


def on_contact(*fields: str) -> Package:
    return Package().object("Contact", *fields)


def test_permissions_on_required_and_missing_fields(org: Client) -> None:
    must = custom_field("Must__c", "Text", "<required>true</required>" + TEXT)
    package = Package().object("Thing__c", must, custom=CUSTOM)
    result = org.deploy(package.permission_set("P", "Thing__c.Must__c"))
    text = sourced("You cannot deploy to a required field: Thing__c.Must__c", "Zuora docs")
    assert failures(result) == {"P": text}
    result = org.deploy(Package().permission_set("P", "Contact.Nope__c"))
    text = sourced("In field: field - no CustomField named Contact.Nope__c found", LOGS)
    assert failures(result) == {"P": text}


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
        if each["componentType"] and (each["created"] or each["changed"])
    ]
    assert changed == []
    org.assign("Loader")
    org.create("Contact", LastName="L", Gender__c="Male")
    wider = on_contact(custom_field("Gender__c", "Picklist", picklist("Male", "Other")))
    assert org.deploy(wider)["status"] == "Succeeded"
    org.create("Contact", LastName="L", Gender__c="Other")
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
