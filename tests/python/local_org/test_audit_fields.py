"""Set Audit Fields upon Record Creation: taken once, and only where the org allows it."""

from collections.abc import Iterator

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.orgs import clinic_org
from tests.python.local_org.wording import sourced

LONG_AGO, LATER = "2009-05-06T07:08:09.000+0000", "2010-05-06T07:08:09.000+0000"
FIELDS = "CreatedDate, CreatedById, LastModifiedDate, LastModifiedById"
USER = {
    "LastName": "Former",
    "Username": "former@audit.example.com",
    "Email": "former@example.com",
    "Alias": "former",
    "TimeZoneSidKey": "America/Chicago",
    "LocaleSidKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
    "IsActive": False,
}


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with clinic_org(tmp_path_factory.mktemp("audit"), set_audit_fields=True) as client:
        yield client


@pytest.fixture(scope="module")
def user(org: Client) -> str:
    profile = org.query("SELECT Id FROM Profile LIMIT 1")[0]["Id"]
    return org.create("User", ProfileId=profile, **USER)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Account", {"Name": "A"}),
        ("Contact", {"LastName": "A"}),
        ("Lead", {"LastName": "A", "Company": "C"}),
        ("Event", {"ActivityDate": "2009-05-06", "IsAllDayEvent": True}),
        ("Task", {"Subject": "A"}),
        ("Insurance_Detail__c", {"Migration_Key__c": "aud:1"}),
    ],
)
def test_set_on_create(org: Client, user: str, name: str, values: dict[str, str]) -> None:
    audit = {
        "CreatedDate": LONG_AGO,
        "CreatedById": user,
        "LastModifiedDate": LATER,
        "LastModifiedById": user,
    }
    record = org.create(name, **values, **audit)
    assert org.query(f"SELECT {FIELDS} FROM {name} WHERE Id = '{record}'", everything=True) == [
        audit
    ]
    stamp = org.query(f"SELECT SystemModstamp FROM {name} WHERE Id = '{record}'", everything=True)
    assert stamp[0]["SystemModstamp"] > "2020"
    assert org.refused(name, **values, SystemModstamp=LONG_AGO)[0] == (
        "INVALID_FIELD_FOR_INSERT_UPDATE"
    )


def test_the_insert_half_of_an_upsert_takes_them_the_update_half_does_not(org: Client) -> None:
    # Salesforce Help 000383278 creates records so, by upsert with an external id.
    text = f"Migration_Key__c,LastName,CreatedDate\naud:2,L,{LONG_AGO}\n"
    first = org.bulk("Contact", "upsert", text, "Migration_Key__c")
    assert first.counts == ("JobComplete", 1, 0)
    second = org.bulk("Contact", "upsert", text, "Migration_Key__c")
    assert second.error() == sourced(
        "INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: CreatedDate. Please "
        "check the security settings of this field and verify that it is read/write for your "
        "profile or permission set.:CreatedDate --",
        "salesforcedictionary.com, invalid-field-for-insert-update",
    )
    found = org.query("SELECT CreatedDate FROM Contact WHERE Migration_Key__c = 'aud:2'")
    assert found == [{"CreatedDate": LONG_AGO}]


def test_a_related_task_shows_when_it_was_really_modified(org: Client) -> None:
    # Salesforce Help 000176484.
    account = org.create("Account", Name="A")
    task = org.create("Task", WhatId=account, CreatedDate=LONG_AGO, LastModifiedDate=LATER)
    found = org.query(f"SELECT CreatedDate, LastModifiedDate FROM Task WHERE Id = '{task}'")[0]
    assert found["CreatedDate"] == LONG_AGO and found["LastModifiedDate"] > "2020"


def test_they_are_described_and_other_objects_do_not_have_them(org: Client, user: str) -> None:
    def createable(name: str) -> bool:
        fields = {each["name"]: each for each in org.get(f"/sobjects/{name}/describe")["fields"]}
        return bool(fields["CreatedDate"]["createable"])

    assert createable("Contact") and createable("ContentVersion")
    assert not createable("User") and not createable("Group")
    assert org.refused("Contact", LastName="A", CreatedById="005000000000001")[0] == (
        "INVALID_CROSS_REFERENCE_KEY"
    )


def test_without_the_switch_they_are_refused(org: Client) -> None:
    org.switch(set_audit_fields=False)
    refused = org.refused("Contact", LastName="A", CreatedDate=LONG_AGO)
    assert (refused[0], refused[2]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["CreatedDate"])
    org.switch(set_audit_fields=True)
