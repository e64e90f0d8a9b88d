"""Custom fields of practices: what is proposed, and what of it arrives."""

from typing import Any

import pytest
import yaml

from tests.python.small import custom
from tests.python.small.conftest import Later

# Field of the export: where it goes, and the value of the fifth patient there.
PROPOSED: dict[str, tuple[str, str, str, Any]] = {
    "Referral Card": ("Contact", "Referral_Card__c", "Text", "RC-00005"),
    "Care Story": ("Contact", "Care_Story__c", "LongTextArea", custom.own_fields(5)["Care Story"]),
    "Last Xray On": ("Contact", "Last_Xray_On__c", "Date", "2025-05-15"),
    "Consent Signed At": (
        "Contact",
        "Consent_Signed_At__c",
        "DateTime",
        "2026-03-05T20:30:00.000+0000",
    ),
    "Lifetime Value": ("Contact", "Lifetime_Value__c", "Currency", 5250.5),
    "Discount": ("Contact", "Discount__c", "Percent", 5.5),
    "Newsletter": ("Contact", "Newsletter__c", "Checkbox", True),
    "Shirt Size": ("Contact", "Shirt_Size__c", "Picklist", "LARGE"),
    "Work Mobile": ("Contact", "Work_Mobile__c", "Phone", "(312) 555-0105"),
    "Second E-mail": ("Contact", "Second_E_Mail__c", "Email", "second5@example.com"),
    "Home Page": ("Contact", "Home_Page__c", "Url", "https://example.com/people/5"),
    "Department": ("Contact", "Department", "Text", "Back 5"),
    "Care-giver": ("Contact", "AssistantName", "Text", "Gina 5"),
    custom.HOSTILE: (
        "Contact",
        "Field_2nd_Favrite_B_Drop_Table_X_Exxxxxx__c",
        "Text",
        "O'Neil & <i>5</i>",
    ),
    "Locker - No": ("Contact", "Locker_No__c", "Text", "B5"),
    "Locker No": ("Contact", "Locker_No_2__c", "Text", "A5"),
    "patient.Pet's Name": ("Contact", "Pets_Name__c", "Text", "Rex 5"),
    "Web Site": ("Account", "Website", "Url", "https://example.org/5"),
    "Member Since": ("Account", "Member_Since__c", "Date", "2020-05-01"),
    "Miles Away": ("Account", "Miles_Away__c", "Number", 5.25),
}
NOT_LOADED = {
    "Cups of Coffee": ("Contact", "Cups_Of_Coffee__c", "Number"),
    "Not For Us": ("Contact", "Not_For_Us__c", "Text"),
}


def test_each_field_is_proposed_as_what_it_is(later: Later) -> None:
    found = {
        entry["source"].split(".", 2)[2]: (entry["object"], entry["api_name"], entry["type"])
        for entry in later.proposed
    }
    expected = {field: place[:3] for field, place in PROPOSED.items()} | NOT_LOADED
    assert {field: found.get(field) for field in expected} == expected


def test_no_value_is_in_the_file_but_those_of_a_picklist(later: Later) -> None:
    said = (later.migration.home / "custom_fields.yml").read_text(encoding="utf-8")
    assert "LARGE" in said
    assert not [word for word in ("RC-0", "Gina", "Rex", "example.com", "secret") if word in said]


@pytest.mark.parametrize("field", PROPOSED, ids=lambda field: field[:20])
def test_what_is_confirmed_arrives(later: Later, field: str) -> None:
    sobject, api_name, _, value = PROPOSED[field]
    practice = "cedar" if sobject == "Contact" else "birch"
    (record,) = later.migration.query_org(
        f"SELECT {api_name} FROM {sobject} WHERE Migration_Key__c = '{practice}:patient:5'"
    )
    assert record[api_name] == value


def test_what_is_ignored_or_only_proposed_is_not_even_made(later: Later) -> None:
    later.migration.run("load-sf", "schema")
    made = (later.migration.home / "schema").rglob("*.field-meta.xml")
    names = {file.name.partition(".")[0] for file in made}
    assert "Referral_Card__c" in names
    assert names.isdisjoint({"Cups_Of_Coffee__c", "Not_For_Us__c", "Department", "Website"})


def test_blanks_are_filled_from_the_merged_row(later: Later) -> None:
    (first,) = later.migration.query_org(
        "SELECT Referral_Card__c, Discount__c FROM Contact"
        " WHERE Migration_Key__c = 'cedar:patient:1'"
    )
    assert (first["Referral_Card__c"], first["Discount__c"]) == ("RC-AGAIN", 1.5)


def test_what_does_not_fit_is_left_out_and_reported(later: Later) -> None:
    found = later.migration.rows(
        "select key, class, held_back, value from migration.corrections"
        " where field = 'Last_Xray_On__c'"
    )
    assert found == [("cedar:patient:23", "unreadable_date", False, "soon")]


def test_a_second_proposal_keeps_what_was_decided(later: Later) -> None:
    file = later.migration.home / "custom_fields.yml"
    before = yaml.safe_load(file.read_text(encoding="utf-8"))
    said = later.migration.run("load-raw", "propose").stdout
    assert "0 proposed" in said
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == before


def test_an_edit_after_the_seal_loads_nothing(later: Later) -> None:
    file = later.migration.home / "custom_fields.yml"
    sealed = file.read_text(encoding="utf-8")
    file.write_text(sealed.replace("label: Referral Card", "label: Card"), encoding="utf-8")
    said = later.migration.run("load-sf", "run", code=3).stderr
    assert "Contact.Referral_Card__c is not as it was sealed" in said
    file.write_text(sealed, encoding="utf-8")


def test_what_cannot_load_is_not_confirmed(later: Later) -> None:
    file = later.migration.home / "custom_fields.yml"
    sealed = file.read_text(encoding="utf-8")
    document = yaml.safe_load(sealed)
    faults = {
        "Referral Card": {"length": 3},
        "Care Story": {"api_name": "Care__Story__c"},
        "Home Page": {"type": "Date"},
        "Discount": {"api_name": "Chart_Number__c"},
        "Department": {"api_name": "No_Such_Field"},
    }
    for entry in document["fields"]:
        entry.update(faults.get(entry["source"].split(".", 2)[2], {}))
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    said = later.migration.run("load-raw", "confirm", code=1).stderr
    file.write_text(sealed, encoding="utf-8")
    for expected in (
        "more than its length 3",
        "its api_name is none",
        "most of the data is no Date",
        "a mart fills Contact.Chart_Number__c already",
        "the org has no Contact.No_Such_Field",
    ):
        assert expected in said
