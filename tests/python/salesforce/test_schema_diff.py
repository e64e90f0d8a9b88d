"""`load-sf schema diff`: each way an org can differ, told apart, with what to do about it."""

from typing import Any

import pytest

from tests.python.local_org.package import Package, custom_field, key_field, lookup, picklist

from .conftest import Migration, example
from .faults import Fault, proxy

NUMBERS = "<precision>{}</precision><scale>{}</scale>"
LONG = "<length>500</length><visibleLines>4</visibleLines>"
ANY_TIMES = 1_000


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


def records(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"totalSize": len(rows), "done": True, "records": list(rows)}


def tooling(*fields: tuple[str, str]) -> list[Fault]:
    """What the Tooling API of an org says that has these custom fields."""
    thing = {"Id": "01I000000000001AAA", "DeveloperName": "Insurance_Detail"}
    rows = [
        {"DeveloperName": name, "NamespacePrefix": None, "TableEnumOrId": table}
        for table, name in fields
    ]
    return [
        Fault(
            *("GET", r"tooling/query.*FROM\+CustomObject", "answer", lambda: None, ANY_TIMES),
            body=records(thing | {"NamespacePrefix": None}),
        ),
        Fault(
            *("GET", r"tooling/query.*FROM\+CustomField", "answer", lambda: None, ANY_TIMES),
            body=records(*rows),
        ),
    ]


def rights(
    objects: tuple[str, ...], editable: tuple[str, ...], readable: tuple[str, ...] = ()
) -> list[Fault]:
    """What an org says its loader's permission set grants."""
    everything = {"PermissionsRead": True, "PermissionsCreate": True, "PermissionsEdit": True}
    fields = [
        {"Field": f, "PermissionsRead": True, "PermissionsEdit": f in editable}
        for f in (*editable, *readable)
    ]
    return [
        Fault(
            *("GET", r"FROM\+ObjectPermissions", "answer", lambda: None, ANY_TIMES),
            body=records(*({"SobjectType": o} | everything for o in objects)),
        ),
        Fault(
            *("GET", r"FROM\+FieldPermissions", "answer", lambda: None, ANY_TIMES),
            body=records(*fields),
        ),
    ]


def userinfo(user: str) -> Fault:
    return Fault(
        *("GET", "oauth2/userinfo", "answer", lambda: None, ANY_TIMES), body={"user_id": user}
    )


def through(migration: Migration, url: str) -> None:
    token = migration.door["access_token"]
    migration.environment = {"SF_INSTANCE_URL": url, "SF_ACCESS_TOKEN": token}


def test_hidden_is_told_from_missing(built: Migration) -> None:
    """Fields without a grant are there for the setup only: making them anew would not help."""
    send(
        built,
        Package().object("Contact", custom_field("Chart_Number__c", "Text", "<length>40</length>")),
    )
    with proxy(built.door["url"]) as org:
        through(built, org.url)
        org.faults = tooling(("Contact", "Chart_Number"), ("01I000000000001", "Group_Number"))
        told = found(built)
        assert told["not granted", "Contact.Chart_Number__c"] == "hidden from this user"
        assert told["missing", "Contact.Guarantor__c"] == "no such field"
        assert told["not granted", "Insurance_Detail__c"] == "hidden from this user"
        assert built.json("schema", "diff", code=1)["notes"] == []
        # An org that does not show its setup leaves the question open, and says so.
        org.faults = [Fault("GET", "tooling/query", "forbidden", times=ANY_TIMES)]
        told = found(built)
        assert "may not see" in told["missing", "Contact.Chart_Number__c"]
        assert "Tooling API" in built.json("schema", "diff", code=1)["notes"][0]


def test_what_the_loaders_set_lacks(built: Migration) -> None:
    built.sf("schema", "deploy")
    user = built.soql("SELECT AssigneeId FROM PermissionSetAssignment")[0]["AssigneeId"]
    schema = built.json("schema")["plan"]
    fields = [
        f"{o['api_name']}.{f['api_name']}"
        for o in schema["objects"]
        for f in o["fields"]
        if f["made"]
    ]
    gone, dimmed = "Contact.Chart_Number__c", "Account.Account_Kind__c"
    editable = tuple(f for f in fields if f not in (gone, dimmed))
    with proxy(built.door["url"]) as org:
        through(built, org.url)
        org.faults = [userinfo(user), *rights(("Account", "Contact"), editable, (dimmed,))]
        assert found(built) == {
            ("not on the permission set", gone): "not granted",
            ("not on the permission set", dimmed): "read only",
            ("not on the permission set", "Insurance_Detail__c"): "lacks Read, Create, Edit",
        }
        assert built.json("schema", "diff", code=1)["notes"] == []


def test_a_set_that_is_not_assigned_is_one_cause_not_many(built: Migration) -> None:
    built.sf("schema", "deploy")
    assigned = built.soql("SELECT Id, AssigneeId FROM PermissionSetAssignment")[0]
    built.rest("DELETE", f"sobjects/PermissionSetAssignment/{assigned['Id']}")
    schema = built.json("schema")["plan"]
    objects = tuple(o["api_name"] for o in schema["objects"])
    fields = tuple(
        f"{o['api_name']}.{f['api_name']}"
        for o in schema["objects"]
        for f in o["fields"]
        if f["made"]
    )
    with proxy(built.door["url"]) as org:
        through(built, org.url)
        org.faults = [userinfo(assigned["AssigneeId"]), *rights(objects, fields)]
        told = found(built)
        assert told.keys() == {("not assigned", "Bridgework_Loader")}
        assert "hidden until it is" in told["not assigned", "Bridgework_Loader"]
        org.faults = []
    built.environment = {}
    assert "assigned now" in built.sf("schema", "deploy")


def test_a_set_that_is_not_there(built: Migration) -> None:
    told = found(built)
    assert told["no permission set", "Bridgework_Loader"] == "no such set"
    assert ("missing", "Insurance_Detail__c") in told
