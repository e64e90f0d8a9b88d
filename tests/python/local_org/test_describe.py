"""Describe: record types, children, and the facts that differ by type of field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.python.local_org.client import Client


def field(org: Client, path: str) -> dict[str, Any]:
    name, _, item = path.partition(".")
    described = org.get(f"/sobjects/{name}/describe")
    found: dict[str, Any] = next(each for each in described["fields"] if each["name"] == item)
    return found


# What the describes of real orgs say of these fields.
@pytest.mark.parametrize(
    ("path", "facts"),
    [
        (
            "Contact.Description",
            {
                "type": "textarea",
                "length": 32000,
                "byteLength": 96000,
                "filterable": False,
                "groupable": False,
                "sortable": False,
                "aggregatable": False,
                "extraTypeInfo": "plaintextarea",
                "permissionable": True,
            },
        ),
        (
            "Contact.AccountId",
            {
                "soapType": "tns:ID",
                "byteLength": 18,
                "referenceTo": ["Account"],
                "relationshipName": "Account",
                "polymorphicForeignKey": False,
                "namePointing": False,
                "searchPrefilterable": True,
                "cascadeDelete": False,
            },
        ),
        (
            "Event.WhoId",
            {
                "polymorphicForeignKey": True,
                "namePointing": True,
                "referenceTo": ["Contact", "Lead"],
                "permissionable": True,
            },
        ),
        ("Event.ActivityDate", {"aggregatable": False, "soapType": "xsd:date", "groupable": True}),
        ("Event.Subject", {"type": "combobox", "groupable": False, "nameField": True}),
        ("Event.IsPrivate", {"aggregatable": False, "permissionable": False, "sortable": True}),
        (
            "Account.BillingAddress",
            {
                "type": "address",
                "soapType": "urn:address",
                "filterable": True,
                "sortable": False,
                "groupable": False,
                "queryByDistance": True,
                "createable": False,
            },
        ),
        (
            "Account.AnnualRevenue",
            {"soapType": "xsd:double", "precision": 18, "scale": 0, "groupable": False},
        ),
        ("Account.NumberOfEmployees", {"soapType": "xsd:int", "digits": 8, "groupable": True}),
        ("Account.OwnerId", {"defaultedOnCreate": True, "permissionable": False}),
        ("Contact.FirstName", {"extraTypeInfo": "personname", "compoundFieldName": "Name"}),
        ("Contact.Email", {"idLookup": True, "externalId": False, "byteLength": 240}),
        (
            "Contact.Migration_Key__c",
            {
                "externalId": True,
                "unique": True,
                "caseSensitive": True,
                "idLookup": True,
                "custom": True,
                "permissionable": True,
            },
        ),
        (
            "Contact.Alerts__c",
            {
                "type": "multipicklist",
                "sortable": False,
                "groupable": False,
                "aggregatable": False,
                "filterable": True,
                "restrictedPicklist": True,
                "dependentPicklist": False,
            },
        ),
        (
            "Contact.Is_Provider__c",
            {"defaultedOnCreate": True, "nillable": False, "aggregatable": False},
        ),
    ],
)
def test_facts_of_fields(org: Client, path: str, facts: dict[str, Any]) -> None:
    found = field(org, path)
    assert {name: found[name] for name in facts} == facts


def test_picklist_values_have_labels_and_a_default(org: Client) -> None:
    values = field(org, "Event.ShowAs")["picklistValues"]
    assert [(each["value"], each["label"], each["defaultValue"]) for each in values] == [
        ("Busy", "Busy", True),
        ("OutOfOffice", "Out of Office", False),
        ("Free", "Free", False),
    ]
    assert all(each["active"] and each["validFor"] is None for each in values)


def test_children_by_their_names(org: Client) -> None:
    def names(parent: str) -> dict[tuple[str, str], Any]:
        listed = org.get(f"/sobjects/{parent}/describe")["childRelationships"]
        return {(each["childSObject"], each["field"]): each["relationshipName"] for each in listed}

    account = names("Account")
    assert account["Contact", "AccountId"] == "Contacts"
    assert account["Account", "ParentId"] == "ChildAccounts"
    assert account["Event", "WhatId"] == "Events"
    assert account["Event", "AccountId"] is None
    assert account["ContentVersion", "FirstPublishLocationId"] is None
    assert account["ContentDocumentLink", "LinkedEntityId"] == "ContentDocumentLinks"
    assert names("Contact")["Contact", "Guarantor__c"] == "Guaranteed__r"
    assert names("Contact")["Task", "WhoId"] == "Tasks"
    assert names("User")["PermissionSetAssignment", "AssigneeId"] == "PermissionSetAssignments"
    assert names("PermissionSet")["PermissionSetAssignment", "PermissionSetId"] == "Assignments"
    assert names("ContentDocument")["ContentVersion", "ContentDocumentId"] == "ContentVersions"


def test_record_types_of_the_object_and_master(org: Client) -> None:
    made = org.create(
        "RecordType", Name="Carrier", DeveloperName="Describe_Carrier", SobjectType="Lead"
    )
    (found,) = org.query(f"SELECT IsActive FROM RecordType WHERE Id = '{made}'")
    infos = org.get("/sobjects/Lead/describe")["recordTypeInfos"]
    assert infos[0] == {
        "active": found["IsActive"],
        "available": found["IsActive"],
        "defaultRecordTypeMapping": False,
        "developerName": "Describe_Carrier",
        "master": False,
        "name": "Carrier",
        "recordTypeId": made,
        "urls": {"layout": f"/services/data/v67.0/sobjects/Lead/describe/layouts/{made}"},
    }
    assert (infos[1]["name"], infos[1]["recordTypeId"]) == ("Master", "012000000000000AAA")
    assert infos[1]["defaultRecordTypeMapping"] is True
    assert len(org.get("/sobjects/Contact/describe")["recordTypeInfos"]) == 1


def test_what_is_queried_is_what_is_described(org: Client) -> None:
    for name in ("Account", "Contact", "Event", "Task", "Lead", "User", "ContentVersion"):
        fields = org.get(f"/sobjects/{name}/describe")["fields"]
        for fact, clause in (
            ("sortable", "SELECT Id FROM {0} ORDER BY {1} LIMIT 1"),
            ("groupable", "SELECT COUNT(Id) FROM {0} GROUP BY {1} LIMIT 1"),
            ("aggregatable", "SELECT COUNT({1}) FROM {0}"),
        ):
            for each in fields[::5]:
                soql = clause.format(name, each["name"])
                answer = org.call("GET", "/query", params={"q": soql})
                assert (answer.status_code == 200) is each[fact], (soql, answer.text)
