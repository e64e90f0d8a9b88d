"""REST: tokens, versions, limits, describe, single records, collections."""

from typing import Any

import pytest

from local_org.ids import checksum, long_id, make_id
from tests.python.local_org.client import Client

# SOURCED
SESSION = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
USER = {
    "LastName": "Doe",
    "Email": "doe@example.com",
    "Alias": "doe",
    "TimeZoneSidKey": "America/Chicago",
    "LocaleSidKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
}


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_wrong_token_is_a_401(org: Client, token: str) -> None:
    stranger = Client(org.url, token, org.organization)
    answer = stranger.call("GET", "/limits")
    assert (answer.status_code, answer.json()) == (401, SESSION)
    stranger.session.close()


def test_versions(org: Client) -> None:
    listed = org.session.get(f"{org.url}/services/data", timeout=10).json()
    assert listed[-1] == {
        "label": "Summer '26",
        "url": "/services/data/v67.0",
        "version": "67.0",
    }
    assert listed[-2]["label"] == "Spring '26"
    assert org.call("GET", "/services/data/v31.0/limits").status_code == 200
    assert org.call("GET", "/services/data/v30.0/limits").status_code == 410
    assert org.call("GET", "/services/data/v99.0/limits").status_code == 404


def test_every_call_counts(org: Client) -> None:
    def used() -> int:
        info = org.call("GET", "/limits").headers["Sforce-Limit-Info"]
        assert info.startswith("api-usage=") and info.endswith("/5000000")
        return int(info[10:].partition("/")[0])

    assert used() + 1 == used()
    limits = org.get("/limits")
    for name in ("DailyApiRequests", "DataStorageMB", "FileStorageMB", "DailyBulkApiBatches"):
        assert limits[name]["Max"] >= limits[name]["Remaining"] >= 0


def test_unknown_paths_and_methods(org: Client) -> None:
    missing = org.call("GET", "/nope")
    assert missing.status_code == 404
    assert missing.json()[0]["errorCode"] == "NOT_FOUND"
    assert org.call("GET", "/sobjects/Nope/describe").status_code == 404
    assert org.call("DELETE", "/limits").json()[0]["errorCode"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("name", "item", "facts"),
    [
        ("Account", "Name", {"type": "string", "length": 255, "nillable": False}),
        ("Account", "Type", {"type": "picklist", "restrictedPicklist": False, "length": 40}),
        ("Account", "BillingStreet", {"type": "textarea", "length": 255}),
        ("Contact", "LastName", {"length": 80, "nillable": False, "createable": True}),
        ("Contact", "Name", {"length": 121, "createable": False, "nameField": True}),
        ("Contact", "Email", {"type": "email", "length": 80, "idLookup": True}),
        ("Contact", "AccountId", {"referenceTo": ["Account"], "relationshipName": "Account"}),
        ("Contact", "OwnerId", {"referenceTo": ["User"], "polymorphicForeignKey": False}),
        ("Contact", "CreatedDate", {"createable": False, "updateable": False}),
        ("Contact", "Balance__c", {"type": "currency", "precision": 8, "scale": 2}),
        ("Contact", "Migration_Key__c", {"externalId": True, "unique": True, "length": 100}),
        ("Contact", "Guarantor__c", {"relationshipName": "Guarantor__r", "custom": True}),
        ("Event", "WhoId", {"referenceTo": ["Contact", "Lead"], "polymorphicForeignKey": True}),
        ("Event", "OwnerId", {"referenceTo": ["Calendar", "User"]}),
        ("Task", "OwnerId", {"referenceTo": ["Group", "User"]}),
        ("Task", "TaskSubtype", {"createable": True, "updateable": False}),
        ("Task", "Operatory__c", {"type": "string", "length": 40}),
        ("User", "Username", {"idLookup": True, "nillable": False}),
        ("Insurance_Detail__c", "Name", {"autoNumber": True, "createable": False}),
    ],
)
def test_describe(org: Client, name: str, item: str, facts: dict[str, Any]) -> None:
    described = org.get(f"/sobjects/{name}/describe")
    found = {each["name"]: each for each in described["fields"]}[item]
    assert {key: found[key] for key in facts} == facts
    masters = [each["name"] for each in described["recordTypeInfos"] if each["master"]]
    assert masters == ["Master"]


def test_describe_global(org: Client) -> None:
    found = {each["name"]: each for each in org.get("/sobjects")["sobjects"]}
    assert found["Account"]["keyPrefix"] == "001"
    assert found["Insurance_Detail__c"]["custom"] is True
    assert found["User"]["deletable"] is False


def test_one_record_from_birth_to_recycle_bin(org: Client) -> None:
    record = org.create("Account", Name=" Trim me ", Website=None)
    assert len(record) == 18 and long_id(record[:15]) == record
    found = org.get(f"/sobjects/Account/{record}")
    assert found["Name"] == "Trim me" and found["OwnerId"] == found["CreatedById"]
    assert found["IsDeleted"] is False and found["CreatedDate"].endswith(".000+0000")
    assert org.get(f"/sobjects/Account/{record[:15]}?fields=Name") == {
        "attributes": {
            "type": "Account",
            "url": f"/services/data/v67.0/sobjects/Account/{record}",
        },
        "Name": "Trim me",
    }
    changed = org.call("PATCH", f"/sobjects/Account/{record}", json={"Phone": "1", "Name": "B"})
    assert (changed.status_code, changed.content) == (204, b"")
    assert org.get(f"/sobjects/Account/{record}?fields=Phone,Name")["Name"] == "B"
    assert org.call("DELETE", f"/sobjects/Account/{record}").status_code == 204
    gone = org.call("GET", f"/sobjects/Account/{record}")
    assert (gone.status_code, gone.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")
    again = org.call("DELETE", f"/sobjects/Account/{record}")
    assert (again.status_code, again.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_upsert_by_key(org: Client) -> None:
    path = "/sobjects/Account/Migration_Key__c/rest:1"
    first = org.call("PATCH", path, json={"Name": "One"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    second = org.call("PATCH", path, json={"Name": "Two"})
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert org.get(path)["Name"] == "Two"
    named = org.call("PATCH", path, json={"Name": "x", "Migration_Key__c": "y"})
    assert (named.status_code, named.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert org.call("PATCH", "/sobjects/Account/Phone/1", json={}).status_code == 404


def test_refusals(org: Client) -> None:
    assert org.refused("Contact", FirstName="A") == (
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [LastName]",
        ["LastName"],
    )
    code, message, _ = org.refused("Contact", LastName="A", Birthdate="1/2/99")
    # SOURCED wording
    assert code == "JSON_PARSER_ERROR" and message.startswith(
        "Cannot deserialize instance of date from VALUE_STRING value 1/2/99 or request may be "
        "missing a required field at [line:"
    )
    assert org.refused("Account", Name="A", Nope="x")[:2] == (
        "INVALID_FIELD",
        "No such column 'Nope' on sobject of type Account",
    )
    assert org.refused("Account", Name="A", Id="001000000000001")[0] == (
        "INVALID_FIELD_FOR_INSERT_UPDATE"
    )
    broken = org.call("POST", "/sobjects/Account", data=b"{")
    assert (broken.status_code, broken.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_parents_by_key(org: Client) -> None:
    org.create("Account", Name="P", Migration_Key__c="rest:p")
    record = org.create("Contact", LastName="A", Account={"Migration_Key__c": "rest:p"})
    found = org.query(f"SELECT Account.Name FROM Contact WHERE Id = '{record}'")
    assert found == [{"Account": {"Name": "P"}}]
    who = {"attributes": {"type": "Contact"}, "Email": "who@example.com"}
    org.create("Contact", LastName="W", Email="who@example.com")
    org.create("Task", Subject="Call", Who=who)


def test_users_are_created_by_rest(org: Client) -> None:
    profile = org.query("SELECT Id FROM Profile WHERE Name = 'System Administrator'")[0]["Id"]
    user = org.create("User", **USER, Username="doe@x.example.com", ProfileId=profile)
    found = org.query(f"SELECT Name, IsActive, Email FROM User WHERE Id = '{user}'")
    assert found == [{"Name": "Doe", "IsActive": True, "Email": "doe@example.com"}]
    twice = org.refused("User", **USER, Username="DOE@x.example.com", ProfileId=profile)
    assert twice[0] == "DUPLICATE_USERNAME"
    assert org.refused("User", LastName="x")[0] == "REQUIRED_FIELD_MISSING"
    assert org.call("DELETE", f"/sobjects/User/{user}").status_code == 400
    org.call("PATCH", f"/sobjects/User/{user}", json={"IsActive": False})
    assert org.refused("Account", Name="A", OwnerId=user)[0] == "INACTIVE_OWNER_OR_USER"


def test_a_permission_set_is_assigned_once(org: Client) -> None:
    found = org.query("SELECT PermissionSetId, AssigneeId FROM PermissionSetAssignment")[0]
    assert org.refused("PermissionSetAssignment", **found)[0] == "DUPLICATE_VALUE"


def collection(*records: dict[str, Any], strict: bool = False) -> dict[str, Any]:
    typed = [{"attributes": {"type": "Contact"}, **each} for each in records]
    return {"allOrNone": strict, "records": typed}


def test_collections_answer_in_order(org: Client) -> None:
    body = collection({"LastName": "A"}, {"FirstName": "B"}, {"LastName": "C"})
    answer = org.call("POST", "/composite/sobjects", json=body)
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert first["success"] and third["success"] and first["id"] != third["id"]
    assert second == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }
    update = collection({"id": first["id"], "LastName": "A2"}, {"id": "xyz", "LastName": "B"})
    done = org.call("PATCH", "/composite/sobjects", json=update).json()
    assert [each["success"] for each in done] == [True, False]
    ids = f"{first['id']},{third['id']},xyz"
    gone = org.call("DELETE", "/composite/sobjects", params={"ids": ids}).json()
    assert [each["success"] for each in gone] == [True, True, False]


def test_all_or_none_takes_everything_back(org: Client) -> None:
    body = collection({"LastName": "Strict"}, {"FirstName": "B"}, strict=True)
    first, second = org.call("POST", "/composite/sobjects", json=body).json()
    # SOURCED wording
    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert second["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.query("SELECT Id FROM Contact WHERE LastName = 'Strict'") == []


def test_collections_upsert_by_key_and_hold_two_hundred(org: Client) -> None:
    rows = [{"LastName": "L", "Migration_Key__c": f"col:{n}"} for n in range(201)]
    path = "/composite/sobjects/Contact/Migration_Key__c"
    refused = org.call("PATCH", path, json=collection(*rows))
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")
    done = org.call("PATCH", path, json=collection(*rows[:200])).json()
    assert all(each["success"] and each["created"] for each in done)
    again = org.call("PATCH", path, json=collection(*rows[:200])).json()
    assert [x["id"] for x in again] == [x["id"] for x in done]
    assert not any(each["created"] for each in again)


def test_collections_take_several_objects_in_order(org: Client) -> None:
    account = {"attributes": {"type": "Account"}, "Name": "Mixed", "Migration_Key__c": "mixed:a"}
    contact = {
        "attributes": {"type": "Contact"},
        "LastName": "Mixed",
        "Account": {"Migration_Key__c": "mixed:a"},
    }
    nobody = {"attributes": {"type": "Contact"}, "FirstName": "x"}
    body = {"records": [account, contact, {**account, "Migration_Key__c": "mix:b"}, nobody]}
    done = org.call("POST", "/composite/sobjects", json=body).json()
    assert [each["success"] for each in done] == [True, True, True, False]
    assert [each["id"][:3] for each in done[:3]] == ["001", "003", "001"]
    found = org.query("SELECT Account.Name FROM Contact WHERE LastName = 'Mixed'")
    assert found == [{"Account": {"Name": "Mixed"}}]
    # Ten runs of one object each: SOAP and REST guides; code and text assumed.
    many = {"records": [account, contact] * 6}
    refused = org.call("POST", "/composite/sobjects", json=many)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")


def test_collections_upsert_one_object_by_a_key_it_has(org: Client) -> None:
    body = collection({"LastName": "L", "Migration_Key__c": "col:kind"})
    path = "/composite/sobjects/{}/{}"
    assert org.call("PATCH", path.format("Contact", "LastName"), json=body).status_code == 404
    other = org.call("PATCH", path.format("Account", "Migration_Key__c"), json=body)
    assert other.json()[0]["errorCode"] == "INVALID_TYPE"
    mine = org.call("PATCH", path.format("Contact", "migration_key__c"), json=body).json()
    assert mine[0]["success"] and mine[0]["created"]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        # Public samples from Salesforce's documentation.
        ("0015000000Gv7qJ", "0015000000Gv7qJAAR"),
        ("001D000000IRFma", "001D000000IRFmaIAH"),
        ("a0D5000000AbCdE", None),
    ],
)
def test_checksums(short: str, long: str | None) -> None:
    assert long is None or long_id(short) == long
    assert len(checksum(short)) == 3
    assert long_id(make_id("003", "aB", 12345)[:15]) == make_id("003", "aB", 12345)
    assert long_id("no id") is None
    whole = make_id("003", "aB", 12345)
    assert long_id(whole.lower()) == long_id(whole.upper()) == whole
    assert long_id(whole[:15] + "999") is None


def test_one_record_clears_a_lookup_that_another_sets_by_key(org: Client) -> None:
    org.create("Account", Name="Mixed", Migration_Key__c="clear:a")
    path = "/composite/sobjects/Contact/Migration_Key__c"
    kind = {"attributes": {"type": "Contact"}, "LastName": "Mixed"}
    parent = {"Migration_Key__c": "clear:a"}
    for first, second in (
        ({"Account": parent}, {"AccountId": None}),
        ({"AccountId": None}, {"Account": parent}),
    ):
        records = [
            {**kind, "Migration_Key__c": "clear:1", **first},
            {**kind, "Migration_Key__c": "clear:2", **second},
        ]
        answer = org.call("PATCH", path, json={"records": records}).json()
        assert [each["success"] for each in answer] == [True, True], answer
        names = org.query(
            "SELECT Account.Name FROM Contact WHERE Migration_Key__c LIKE 'clear:%' "
            "ORDER BY Migration_Key__c"
        )
        found = [each["Account"] and each["Account"]["Name"] for each in names]
        assert found == (["Mixed", None] if first.get("Account") else [None, "Mixed"])
