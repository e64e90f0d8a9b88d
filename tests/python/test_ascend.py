"""A practice on Ascend beside one on G-series: the API's answers in, the org's records out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.python.support import Migration

Row = dict[str, Any]
Tables = dict[str, list[Row]]

EXPORT_YML = """\
system: dentrix
product: {product}
practice: {practice}
kind: full
time_zone: America/Chicago
extracted_at: 2026-11-20T02:00:00-06:00
"""


def ref(kind: str, number: int) -> Row:
    """A reference as the API writes it."""
    return {"id": str(number), "type": f"{kind}V1", "url": f"https://api.example.com/{number}"}


def patient(number: int, first: str, last: str, born: str | None, **more: Any) -> Row:
    """A patient as the API answers, plain unless said otherwise."""
    return {
        "id": str(number),
        "firstName": first,
        "lastName": last,
        "dateOfBirth": born,
        "patientStatus": "ACTIVE",
        "gender": "F",
        "phones": [],
        **more,
    }


def covered(number: int, who: int, under: int, *responsibilities: str, **more: Any) -> Row:
    """A patient's insurance plan."""
    return {
        "id": str(number),
        "patient": ref("Patient", who),
        "subscriberInsurancePlan": ref("SubscriberInsurancePlan", under),
        "responsibilities": list(responsibilities),
        **more,
    }


def phone(kind: str, number: str, place: int, extension: str | None = None) -> Row:
    """One of a patient's phones."""
    return {"phoneType": kind, "number": number, "extension": extension, "sequence": place}


ASCEND: Tables = {
    "patients": [
        patient(
            101,
            "ANNA",
            "ELMWOOD",
            "1980-05-05",
            middleInitial="Q",
            preferredName="Annie",
            title="Mrs.",
            chartNumber="E-1",
            emailAddress="Anna@Example.COM",
            address1="12 Elm Ave",
            address2="Apt 3",
            city="Chicago",
            state="Illinois",
            postalCode="60601",
            phones=[
                phone("MOBILE", "3125550101", 2),
                phone("HOME", "(312) 555 0100", 1),
                phone("WORK", "3125550102", 3, "7"),
            ],
            firstVisitDate="2019-03-04T00:00:00.000Z",
            primaryGuarantor=ref("Patient", 101),
            primaryProvider=ref("Provider", 70),
        ),
        patient(
            102,
            "Ben",
            "Elmwood",
            "2012-06-07T00:00:00.000Z",
            gender="M",
            patientStatus="NEW",
            primaryGuarantor=ref("Patient", 101),
        ),
        patient(103, "A.", "Elmwod", None, patientStatus="DUPLICATE", gender="O",
                duplicateOfPatient=ref("Patient", 104), primaryGuarantor=ref("Patient", 103)),
        patient(104, "Anna", "Elmwood", None, patientStatus="DUPLICATE",
                duplicateOfPatient=ref("Patient", 101),
                phones=[phone("FAX", "3125550109", 1)]),
        patient(105, "Cora", "Lost", "1990-01-01", patientStatus="DUPLICATE",
                duplicateOfPatient=ref("Patient", 999)),
        patient(106, "Dora", "Guest", "2990-01-01", patientStatus="NON-PATIENT",
                primaryGuarantor=ref("Patient", 998), emailAddress="dora at home"),
        patient(107, "Eve", "", "1991-01-01", patientStatus="SLEEPING"),
        patient(108, "Finn", "Elmwood", "2014-08-09", gender="M", patientStatus="INACTIVE",
                primaryGuarantor=ref("Patient", 103)),
    ],
    "users": [
        {"id": "90", "firstName": "Gina", "lastName": "Root", "email": "GINA@example.com"},
        {"id": "91", "firstName": "Hal", "lastName": "Desk", "email": "hal@example.com"},
    ],
    "providers": [
        {"id": "70", "firstName": "Gina", "lastName": "Root", "specialty": "GENERALPRACTICE",
         "npi": "1234567893", "active": True, "isNonPersonEntity": False, "user": ref("User", 90)},
        {"id": "71", "firstName": "Ivy", "lastName": "Scale", "specialty": "HYGIENIST",
         "active": False, "isNonPersonEntity": False, "user": None},
        {"id": "72", "lastName": "Elm Dental LLC", "isNonPersonEntity": True, "active": True},
        {"id": "73", "firstName": "Jo", "lastName": "Gap", "specialty": "WHISPERER",
         "active": True, "user": ref("User", 99)},
    ],
    "insurancecarriers": [
        {"id": "30", "name": "METLIFE, Inc.", "payorId": "65978", "phone": "8005550100"},
        {"id": "31", "name": "Delta Dental of Illinois", "payorId": "DDIL"},
    ],
    "carrierinsuranceplans": [
        {"id": "40", "planName": "Gold", "groupNumber": "G-1",
         "insuranceCarrier": ref("InsuranceCarrier", 30)},
        {"id": "41", "planName": "Silver", "groupNumber": "G-2",
         "insuranceCarrier": ref("InsuranceCarrier", 39)},
        {"id": "42", "planName": "Unused", "insuranceCarrier": ref("InsuranceCarrier", 31)},
    ],
    "subscriberinsuranceplans": [
        {"id": "50", "planSubscriberId": "SUB-1", "patient": ref("Patient", 104),
         "carrierInsurancePlan": ref("CarrierInsurancePlan", 40)},
        {"id": "51", "planSubscriberId": "SUB-2", "patient": ref("Patient", 102),
         "carrierInsurancePlan": ref("CarrierInsurancePlan", 41)},
    ],
    "patientinsuranceplans": [
        covered(60, 101, 50, "PRIMARY", relationshipToSubscriber="SELF",
                startDate="2020-01-01", endDate="2026-12-31"),
        covered(61, 102, 50, "PRIMARY", relationshipToSubscriber="CHILD", startDate="2021-01-01"),
        covered(62, 102, 51, "SECONDARY", relationshipToSubscriber="GUARDIAN"),
        covered(63, 102, 50, "PRIMARY", startDate="2015-01-01", endDate="2016-01-01"),
        covered(64, 105, 59, "PRIMARY"),
        covered(65, 997, 50, "PRIMARY"),
        covered(66, 106, 50, "MEDICAL"),
    ],
}  # fmt: skip

G_SERIES = {
    "patient": "patid,guarid,lastname,firstname,birthdate,status,gender,fampos,addrid,"
    "priminsuredid,priminsrel\n"
    "101,101,Elmwood,Anna,1980-05-05,1,2,1,1,50,1\n",
    "address": "addrid,street1,city,state,zipcode\n1,12 Elm Ave,Chicago,IL,60601\n",
    "inscarrier": "insid,insconame,groupname,groupnum,payerid\n"
    "40,Met Life,Bronze,B-1,65978\n41,Met Life,Tin,B-2,65978\n",
    "insured": "insuredid,insplanid,inspartyid,idnum\n50,40,101,SUB-9\n",
    "provider": "provider_id,last_name,first_name,specialty_id\n70,Other,Kay,0\n",
}


def write_ascend(folder: Path, tables: Tables) -> Path:
    """An Ascend export: one response file a resource, one object a line."""
    folder.mkdir()
    (folder / "export.yml").write_text(
        EXPORT_YML.format(product="ascend", practice="elm") + "practice_name: The Elm Dentists\n"
    )
    for name, objects in tables.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects)
        (folder / f"{name}.ndjson").write_text(lines, encoding="utf-8")
    return folder


def write_g_series(folder: Path) -> Path:
    """A G-series export with the same ids."""
    folder.mkdir()
    (folder / "export.yml").write_text(EXPORT_YML.format(product="g_series", practice="oak_lawn"))
    for name, text in G_SERIES.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    folder = tmp_path_factory.mktemp("ascend")
    migration = Migration(folder / "home")
    migration.run("load-raw", write_ascend(folder / "elm", ASCEND))
    migration.run("load-raw", write_g_series(folder / "oak"))
    migration.run("load-sf", "pull")
    migration.build()
    migration.run("load-sf", "schema", "deploy")
    migration.run("load-sf", "run")
    migration.run("load-sf", "verify")
    return migration


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
    merges = migrated.rows("select merged_key, survivor_key, rule from migration.merges")
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
        "select Migration_Key__c, Name from Account where Account_Kind__c = 'Practice'",
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
        ("Delta Dental of Illinois", "DDIL", None),
        ("Met Life", "65978", "(800) 555-0100"),
    ]


def test_insurance_arrives(migrated: Migration) -> None:
    found = by_key(
        migrated,
        "select Migration_Key__c, Contact__r.Migration_Key__c, Carrier__r.Name, Priority__c,"
        " Subscriber_ID__c, Group_Number__c, Group_Name__c, Relationship__c,"
        " Subscriber__r.Migration_Key__c, Eligibility_Start__c, Eligibility_End__c"
        " from Insurance_Detail__c",
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


def test_a_second_run_sends_nothing(migrated: Migration) -> None:
    said = json.loads(migrated.run("load-sf", "run", "--json").stdout)
    assert (said["sent"], said["runs"]) == (0, [])
