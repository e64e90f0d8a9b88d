"""A practice on Ascend beside one on G-series: the API's answers in, the org's records out."""

import pytest

from tests.python.small.ascend import ASCEND, Row
from tests.python.support import Migration

PRACTICES = ("elm", "oak_lawn")
OF_PRACTICES = " or ".join(f"Migration_Key__c like '{practice}:%'" for practice in PRACTICES)


def by_key(migration: Migration, soql: str) -> dict[str, Row]:
    return {record["Migration_Key__c"]: record for record in migration.query_org(soql)}


@pytest.fixture(scope="module")
def contacts(migrated: Migration) -> dict[str, Row]:
    return by_key(
        migrated,
        "select Migration_Key__c, FirstName, LastName, Middle_Initial__c, Preferred_Name__c,"
        " Salutation, Birthdate, Gender__c, Chart_Number__c, Patient_Status__c, Email, Phone,"
        " HomePhone, MobilePhone, Fax, MailingStreet, MailingCity, MailingState,"
        " MailingPostalCode, MailingCountry, First_Visit_Date__c, Original_Patient_Create_Date__c,"
        " Insurance_Subscriber_ID__c, Is_Provider__c, Specialty__c, NPI__c,"
        " Account.Migration_Key__c, Account.Name, Guarantor__r.Migration_Key__c"
        " from Contact where Migration_Key__c != null",
    )


def test_a_patient_arrives_with_every_field_right(contacts: dict[str, Row]) -> None:
    anna = contacts["elm:patient:101"]
    expected = {
        "FirstName": "Anna",
        "LastName": "Elmwood",
        "Middle_Initial__c": "Q",
        "Preferred_Name__c": "Annie",
        "Salutation": "Mrs.",
        "Birthdate": "1980-05-05",
        "Gender__c": "Female",
        "Chart_Number__c": "E-1",
        "Patient_Status__c": "Active",
        "Email": "anna@example.com",
        "Phone": "(312) 555-0102 x7",
        "HomePhone": "(312) 555-0100",
        "MobilePhone": "(312) 555-0101",
        "Fax": "(312) 555-0109",
        "MailingStreet": "12 Elm Ave\nApt 3",
        "MailingCity": "Chicago",
        "MailingState": "IL",
        "MailingPostalCode": "60601",
        "MailingCountry": "US",
        "First_Visit_Date__c": "2019-03-04",
        "Original_Patient_Create_Date__c": None,
        "Insurance_Subscriber_ID__c": "SUB-1",
        "Is_Provider__c": False,
    }
    assert {name: anna[name] for name in expected} == expected
    assert anna["Account"]["Migration_Key__c"] == "elm:family:101"
    assert anna["Guarantor__r"] is None


def test_duplicates_follow_the_patient_ascend_names(
    migrated: Migration, contacts: dict[str, Row]
) -> None:
    """103 is a duplicate of 104, and 104 of 101; 105's other half is not in the export."""
    assert {key for key in contacts if key.startswith("elm:patient:")} == {
        f"elm:patient:{patid}" for patid in (101, 102, 105, 106, 108)
    }
    merges = migrated.rows(
        "select merged_key, survivor_key, rule from migration.merges"
        f" where split_part(merged_key, ':', 1) in {PRACTICES}"
    )
    assert set(merges) == {
        ("elm:patient:103", "elm:patient:101", "ascend duplicate"),
        ("elm:patient:104", "elm:patient:101", "ascend duplicate"),
    }
    assert contacts["elm:patient:105"]["Patient_Status__c"] is None


def test_families_follow_the_guarantors(contacts: dict[str, Row]) -> None:
    ben, dora, finn = (contacts[f"elm:patient:{patid}"] for patid in (102, 106, 108))
    assert ben["Account"]["Migration_Key__c"] == "elm:family:101"
    assert ben["Guarantor__r"]["Migration_Key__c"] == "elm:patient:101"
    assert dora["Account"]["Migration_Key__c"] == "elm:family:106"
    assert (dora["Birthdate"], dora["Email"], dora["Guarantor__r"]) == (None, None, None)
    assert finn["Account"]["Migration_Key__c"] == "elm:family:101"
    assert [p["Patient_Status__c"] for p in (ben, dora, finn)] == [
        "Active",
        "Non-Patient",
        "Inactive",
    ]


def test_the_same_ids_in_two_practices_are_two_people(contacts: dict[str, Row]) -> None:
    """Same name, birthday and address, too: a practice's patients are its own."""
    oak, elm = contacts["oak_lawn:patient:101"], contacts["elm:patient:101"]
    assert (oak["FirstName"], oak["Birthdate"]) == (elm["FirstName"], elm["Birthdate"])
    assert oak["Account"]["Migration_Key__c"] == "oak_lawn:family:101"
    assert {oak["Account"]["Name"], elm["Account"]["Name"]} == {
        "Elmwood Family (Anna, 101)",
    }
    assert contacts["oak_lawn:provider:70"]["LastName"] == "Other"


def test_providers_are_contacts(contacts: dict[str, Row]) -> None:
    providers = {key: c for key, c in contacts.items() if key.startswith("elm:provider:")}
    assert set(providers) == {f"elm:provider:{number}" for number in (70, 71, 73)}
    gina = providers["elm:provider:70"]
    assert (gina["Specialty__c"], gina["NPI__c"], gina["Email"], gina["Is_Provider__c"]) == (
        "General Dentist",
        "1234567893",
        "gina@example.com",
        True,
    )
    assert gina["Account"]["Migration_Key__c"] == "elm:practice:elm"
    assert providers["elm:provider:71"]["Specialty__c"] == "Hygienist"
    assert providers["elm:provider:73"]["Specialty__c"] is None


def test_a_practice_without_a_name_bears_its_slug(migrated: Migration) -> None:
    practices = by_key(
        migrated,
        "select Migration_Key__c, Name from Account where Account_Kind__c = 'Practice'"
        f" and ({OF_PRACTICES})",
    )
    assert {key: practice["Name"] for key, practice in practices.items()} == {
        "elm:practice:elm": "The Elm Dentists",
        "oak_lawn:practice:oak_lawn": "Oak Lawn",
    }


def test_carriers_are_shared_with_the_other_practice(migrated: Migration) -> None:
    carriers = migrated.query_org(
        "select Name, Payer_ID__c, Phone from Account where Account_Kind__c = 'Insurance Carrier'"
    )
    assert sorted((c["Name"], c["Payer_ID__c"], c["Phone"]) for c in carriers) == [
        # Of another practice in the same home.
        ("Blue Cross & Blue Shield, Inc.", "BCB1", None),
        ("Delta Dental of Illinois", "DDIL", None),
        ("Met Life", "65978", "(800) 555-0100"),
    ]


def test_insurance_arrives(migrated: Migration) -> None:
    found = by_key(
        migrated,
        "select Migration_Key__c, Contact__r.Migration_Key__c, Carrier__r.Name, Priority__c,"
        " Subscriber_ID__c, Group_Number__c, Group_Name__c, Relationship__c,"
        " Subscriber__r.Migration_Key__c, Eligibility_Start__c, Eligibility_End__c"
        f" from Insurance_Detail__c where {OF_PRACTICES}",
    )
    assert {
        key: (
            r["Carrier__r"] and r["Carrier__r"]["Name"],
            r["Priority__c"],
            r["Subscriber_ID__c"],
            r["Group_Number__c"],
            r["Group_Name__c"],
            r["Relationship__c"],
            r["Subscriber__r"]["Migration_Key__c"],
            r["Eligibility_Start__c"],
            r["Eligibility_End__c"],
        )
        for key, r in found.items()
    } == {
        "elm:insurance:101-P": (
            "Met Life", "Primary", "SUB-1", "G-1", "Gold", "Self",
            "elm:patient:101", "2020-01-01", "2026-12-31",
        ),
        "elm:insurance:102-P": (
            "Met Life", "Primary", "SUB-1", "G-1", "Gold", "Child",
            "elm:patient:101", "2021-01-01", None,
        ),
        "elm:insurance:102-S": (
            None, "Secondary", "SUB-2", "G-2", "Silver", "Other",
            "elm:patient:102", None, None,
        ),
        "oak_lawn:insurance:101-P": (
            "Met Life", "Primary", "SUB-9", "B-1", "Bronze", "Self",
            "oak_lawn:patient:101", None, None,
        ),
    }  # fmt: skip


def test_what_went_wrong_is_reported(migrated: Migration) -> None:
    found = migrated.rows(
        "select regexp_replace(file, '.*/', ''), line, key, field, class, held_back, value"
        " from migration.corrections where practice = 'elm' and class != 'file_missing'"
    )
    assert set(found) == {
        ("patients.ndjson", 5, "elm:patient:105", None, "orphan", False, "999"),
        ("patients.ndjson", 6, "elm:patient:106", "Birthdate", "out_of_range", False,
         "2990-01-01"),
        ("patients.ndjson", 6, "elm:patient:106", "Email", "invalid_email", False,
         "dora at home"),
        ("patients.ndjson", 6, "elm:patient:106", "Guarantor__r.Migration_Key__c", "orphan",
         False, "elm:patient:998"),
        ("patients.ndjson", 7, "elm:patient:107", "LastName", "missing_required", True, None),
        ("patients.ndjson", 7, "elm:patient:107", "Patient_Status__c", "not_in_picklist", False,
         "SLEEPING"),
        ("providers.ndjson", 4, "elm:provider:73", "Email", "orphan", False, "99"),
        ("providers.ndjson", 4, "elm:provider:73", "Specialty__c", "not_in_picklist", False,
         "WHISPERER"),
        ("subscriberinsuranceplans.ndjson", 2, "elm:insurance:102-S",
         "Carrier__r.Migration_Key__c", "orphan", False, "39"),
        ("patientinsuranceplans.ndjson", 3, "elm:insurance:102-S", "Relationship__c",
         "not_in_picklist", False, "GUARDIAN"),
        ("patientinsuranceplans.ndjson", 4, "elm:insurance:102-P", None, "duplicate_key", False,
         "50"),
        ("patientinsuranceplans.ndjson", 5, "elm:insurance:105-P", None, "orphan", True, "59"),
        ("patientinsuranceplans.ndjson", 6, "elm:insurance:997-P",
         "Contact__r.Migration_Key__c", "orphan", True, "997"),
        ("patientinsuranceplans.ndjson", 7, None, "Priority__c", "not_in_picklist", True,
         "MEDICAL"),
    }  # fmt: skip


def test_who_has_no_user_is_on_the_owner_report(migrated: Migration) -> None:
    reported = migrated.rows(
        "select person_kind, person_id, email, needs_user, reason from migration.owner_report"
    )
    assert set(reported) == {
        ("provider", "70", "gina@example.com", False, "no user has this e-mail address"),
        ("user", "91", "hal@example.com", False, "no user has this e-mail address"),
    }


def test_every_row_is_accounted_for(migrated: Migration) -> None:
    counts = {
        name: outcome
        for name, *outcome in migrated.rows(
            "select table_name, landed, records, merged, skipped, held_back"
            " from migration.source_counts where practice = 'elm'"
        )
    }
    assert {name: counts[name] for name in ASCEND} == {
        "patients": [8, 5, 2, 0, 1],
        "users": [2, 1, 0, 1, 0],
        "providers": [4, 3, 0, 1, 0],
        "insurancecarriers": [2, 2, 0, 0, 0],
        "carrierinsuranceplans": [3, 2, 0, 1, 0],
        "subscriberinsuranceplans": [2, 2, 0, 0, 0],
        "patientinsuranceplans": [7, 3, 1, 0, 3],
    }
