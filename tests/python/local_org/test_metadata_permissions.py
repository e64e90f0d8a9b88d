"""Permission sets: what they may grant, and the records that show what they do."""

import pytest

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import (
    CUSTOM,
    TEXT,
    Package,
    custom_field,
    failures,
    permissions,
)
from tests.python.local_org.wording import assumed, sourced

LOGS = "a public repository's log of deploy errors"
ALL = ("allowCreate", "allowDelete", "allowEdit", "allowRead")
MORE = (*ALL, "modifyAllRecords", "viewAllRecords")


def depends(verb: str, name: str, *needs: str) -> str:
    text = f"Permission {verb} {name} depends on permission(s): {', '.join(needs)}"
    return sourced(text, "public logs: Permission Read X depends on permission(s): Read Y")


def granted(name: str, *, editable: bool = True, readable: bool = True) -> str:
    return (
        f"<fieldPermissions><editable>{str(editable).lower()}</editable><field>{name}</field>"
        f"<readable>{str(readable).lower()}</readable></fieldPermissions>"
    )


def user_permission(name: str) -> str:
    return f"<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>"


ACCOUNT = permissions("Account", *ALL)


@pytest.mark.parametrize(
    ("inner", "problem"),
    [
        (
            permissions("Nope__c", "allowRead"),
            sourced("In field: object - no CustomObject named Nope__c found", LOGS),
        ),
        (
            permissions("Event", "allowRead"),
            assumed("In field: object - no CustomObject named Event found"),
        ),
        (
            ACCOUNT + ACCOUNT,
            sourced(
                "Field:object, value:Account appears more than once", "sfdx-hardis deployment tips"
            ),
        ),
        (permissions("Account", "allowCreate"), depends("Create", "Account", "Read Account")),
        (permissions("Account", "allowEdit"), depends("Edit", "Account", "Read Account")),
        (
            permissions("Account", "allowRead", "allowDelete"),
            depends("Delete", "Account", "Edit Account"),
        ),
        (
            permissions("Account", *ALL, "modifyAllRecords"),
            depends("Modify All", "Account", "Read All Account"),
        ),
        (
            permissions("Account", "viewAllRecords"),
            depends("Read All", "Account", "Read Account"),
        ),
        (permissions("Contact", "allowRead"), depends("Read", "Contact", "Read Account")),
        (
            permissions("Account").replace("<allowRead>false</allowRead>", ""),
            sourced("Required field is missing: allowRead", LOGS),
        ),
        (
            granted("Contact.Nope__c"),
            sourced("In field: field - no CustomField named Contact.Nope__c found", LOGS),
        ),
        (
            granted("Activity.Operatory__c"),
            assumed("In field: field - no CustomField named Activity.Operatory__c found"),
        ),
        (
            granted("Contact.LastName"),
            sourced("You cannot deploy to a required field: Contact.LastName", "Zuora docs"),
        ),
        (
            granted("Contact.OwnerId"),
            sourced("You cannot deploy to a required field: Contact.OwnerId", "sf-skills 271"),
        ),
        (
            granted("Insurance_Detail__c.Migration_Key__c"),
            sourced(
                "You cannot deploy to a required field: Insurance_Detail__c.Migration_Key__c",
                LOGS,
            ),
        ),
        (
            granted("Contact.Gender__c", readable=False),
            sourced("A field has to be readable to be editable", LOGS),
        ),
        (
            granted("Contact.Gender__c") * 2,
            sourced("Field:field, value:Contact.Gender__c appears more than once", "hardis tips"),
        ),
        (
            "<tabSettings><tab>Nope__c</tab><visibility>Visible</visibility></tabSettings>",
            sourced("In field: tab - no CustomTab named Nope__c found", LOGS),
        ),
        (
            "<tabSettings><tab>standard-Contact</tab><visibility>On</visibility></tabSettings>",
            sourced("'On' is not a valid value for the enum 'PermissionSetTabVisibility'", LOGS),
        ),
        (
            "<applicationVisibilities><application>Nope</application><visible>true</visible>"
            "</applicationVisibilities>",
            sourced("In field: application - no CustomApplication named Nope found", LOGS),
        ),
        (
            "<customPermissions><enabled>true</enabled><name>Nope</name></customPermissions>",
            sourced("In field: customPermission - no CustomPermission named Nope found", LOGS),
        ),
        (
            "<recordTypeVisibilities><recordType>Account.Nope</recordType><visible>true</visible>"
            "</recordTypeVisibilities>",
            sourced("In field: recordType - no RecordType named Account.Nope found", LOGS),
        ),
        (user_permission("Fly"), sourced("Unknown user permission: Fly", LOGS)),
        (
            user_permission("CreateAuditFields"),
            sourced("Unknown user permission: CreateAuditFields", "sfdx-hardis deployment tips"),
        ),
        (
            "<classAccesses><apexClass>A</apexClass><enabled>true</enabled></classAccesses>",
            assumed("The local org does not support 'classAccesses' of a PermissionSet"),
        ),
        (
            f"<description>{'d' * 256}</description>",
            assumed(f"Description: data value too large: {'d' * 255} (max length=255)"),
        ),
    ],
)
def test_grants_that_do_not_deploy(org: Client, inner: str, problem: str) -> None:
    result = org.deploy(Package().grants("P", inner))
    assert failures(result) == {"P": problem}
    assert result["details"]["componentFailures"][0]["fileName"] == "permissionsets/P.permissionset"


def test_a_permission_set_has_a_label(org: Client) -> None:
    package = Package().grants("P", "")
    package.files["permissionsets/P.permissionset"] = str(
        package.files["permissionsets/P.permissionset"]
    ).replace("<label>Grants</label>", "")
    text = sourced("Required field is missing: label", LOGS)
    assert failures(org.deploy(package)) == {"P": text}


def test_details_are_read_with_their_master(org: Client) -> None:
    master = (
        "<referenceTo>Account</referenceTo><relationshipName>Bits</relationshipName>"
        "<relationshipOrder>0</relationshipOrder>"
    )
    package = Package().object(
        "Bit__c",
        custom_field("A__c", "MasterDetail", master),
        custom=CUSTOM.replace("Private", "ControlledByParent"),
    )
    package.grants("P", permissions("Bit__c", "allowRead") + granted("Bit__c.A__c"))
    assert failures(org.deploy(package)) == {"P": depends("Read", "Bit__c", "Read Account")}
    package.grants("Q", ACCOUNT + permissions("Bit__c", "allowRead") + granted("Bit__c.A__c"))
    text = sourced("You cannot deploy to a required field: Bit__c.A__c", "sf-skills 271")
    assert failures(org.deploy(package))["Q"] == text


def test_audit_fields_are_granted_where_the_org_has_them(server: Server) -> None:
    org = server.start()
    org.switch(set_audit_fields=True)
    result = org.deploy(Package().grants("Audit", user_permission("CreateAuditFields")))
    assert result["status"] == "Succeeded"
    org.session.close()


def test_what_is_granted_can_be_asked(server: Server) -> None:
    org = server.start()
    field = custom_field("Note__c", "Text", TEXT)
    inner = (
        "<description>First</description>"
        + granted("Contact.Note__c", editable=False)
        + "<hasActivationRequired>false</hasActivationRequired>"
    )
    inner += ACCOUNT + permissions("Contact", *MORE)
    package = Package().object("Contact", field).grants("P", inner)
    assert org.deploy(package)["status"] == "Succeeded"
    assert org.query(
        "SELECT SobjectType, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions "
        "WHERE Parent.Name = 'P'"
    ) == [
        {
            "SobjectType": "Contact",
            "Field": "Contact.Note__c",
            "PermissionsRead": True,
            "PermissionsEdit": False,
        }
    ]
    found = org.query(
        "SELECT SobjectType, PermissionsDelete, PermissionsModifyAllRecords FROM "
        "ObjectPermissions WHERE Parent.Name = 'P' ORDER BY SobjectType"
    )
    assert [tuple(each.values()) for each in found] == [
        ("Account", True, False),
        ("Contact", True, True),
    ]
    assert org.query("SELECT Label, Description FROM PermissionSet") == [
        {"Label": "Grants", "Description": "First"}
    ]
    second = Package().grants("P", "<description>Second</description>", label="Other")
    assert org.deploy(second)["status"] == "Succeeded"
    assert org.query("SELECT Label, Description FROM PermissionSet") == [
        {"Label": "Other", "Description": "Second"}
    ]
    assert org.query("SELECT Id FROM FieldPermissions") == []
    assert org.query("SELECT Id FROM ObjectPermissions") == []
    described = org.get("/sobjects/FieldPermissions/describe")
    assert (described["createable"], described["deletable"]) == (False, False)
    org.session.close()
