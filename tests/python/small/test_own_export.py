"""An export nobody prepared us for: other practice, file names, columns, line ends, encoding."""

from typing import Any

import duckdb
import pytest

from tests.python.small.conftest import Later
from tests.python.support import Migration


def contacts(migration: Migration) -> dict[str, dict[str, Any]]:
    records = migration.query_org(
        "select Migration_Key__c, FirstName, LastName, Middle_Initial__c, Birthdate, Gender__c,"
        " Marital_Status__c, Patient_Status__c, Email, HomePhone, MobilePhone, Phone,"
        " MailingStreet, MailingCity, MailingState, MailingPostalCode, MailingCountry, DoNotCall,"
        " HasOptedOutOfEmail, Original_Patient_Create_Date__c, Insurance_Subscriber_ID__c,"
        " Chart_Number__c, Description, Is_Provider__c, Account.Migration_Key__c, Account.Name,"
        " Guarantor__r.Migration_Key__c from Contact where Migration_Key__c like 'zahn_2:%'"
    )
    return {record["Migration_Key__c"]: record for record in records}


def test_a_patient_arrives_with_every_field_right(migrated: Migration) -> None:
    jose = contacts(migrated)["zahn_2:patient:1"]
    expected = {
        "FirstName": "José",
        "LastName": "Núñez",
        "Middle_Initial__c": "Q",
        "Birthdate": "1984-02-29",
        "Gender__c": "Male",
        "Marital_Status__c": "Married",
        "Patient_Status__c": "Active",
        "Email": "jose@example.com",
        "HomePhone": "(312) 555-0110",
        "MobilePhone": "(312) 555-0111",
        "Phone": "(312) 555-0110",
        "MailingStreet": "12 Oak Ave\nApt 3",
        "MailingCity": "Chicago",
        "MailingState": "IL",
        "MailingPostalCode": "60601",
        "MailingCountry": "US",
        "DoNotCall": False,
        "HasOptedOutOfEmail": False,
        "Chart_Number__c": "A-1",
        "Insurance_Subscriber_ID__c": "SUB-1",
        "Description": 'First line\nsecond; "line"',
        "Is_Provider__c": False,
    }
    assert {name: jose[name] for name in expected} == expected
    # 01:30 on 3 November 2019 came twice in Chicago; the first was still daylight time.
    assert jose["Original_Patient_Create_Date__c"] == "2019-11-03T06:30:00.000+0000"
    assert jose["Account"]["Migration_Key__c"] == "zahn_2:family:1"
    assert jose["Account"]["Name"] == "Núñez Family"
    assert jose["Guarantor__r"] is None


def test_families_duplicates_and_privacy(migrated: Migration) -> None:
    people = contacts(migrated)
    assert set(people) == {f"zahn_2:patient:{patid}" for patid in (1, 2, 3)}
    ana, zoe = people["zahn_2:patient:2"], people["zahn_2:patient:3"]
    assert ana["Guarantor__r"]["Migration_Key__c"] == "zahn_2:patient:1"
    assert (ana["LastName"], ana["Email"]) == ("McDonald-Núñez", None)
    assert (ana["DoNotCall"], ana["HasOptedOutOfEmail"]) == (True, True)
    assert (zoe["DoNotCall"], zoe["HasOptedOutOfEmail"]) == (True, False)
    assert (zoe["Patient_Status__c"], zoe["Gender__c"]) == ("Non-Patient", "Unknown")
    assert zoe["Marital_Status__c"] == "Child"


def test_insurance_arrives(migrated: Migration) -> None:
    records = migrated.query_org(
        "select Migration_Key__c, Contact__r.Migration_Key__c, Carrier__r.Name, Priority__c,"
        " Subscriber_ID__c, Group_Number__c, Group_Name__c, Relationship__c,"
        " Subscriber__r.Migration_Key__c from Insurance_Detail__c"
        " where Migration_Key__c like 'zahn_2:%'"
    )
    assert {
        r["Migration_Key__c"]: (
            r["Contact__r"]["Migration_Key__c"],
            r["Carrier__r"]["Name"],
            r["Priority__c"],
            r["Subscriber_ID__c"],
            r["Group_Number__c"],
            r["Group_Name__c"],
            r["Relationship__c"],
            r["Subscriber__r"]["Migration_Key__c"],
        )
        for r in records
    } == {
        f"zahn_2:insurance:{patid}-P": (
            f"zahn_2:patient:{patid}",
            "Blue Cross & Blue Shield, Inc.",
            "Primary",
            "SUB-1",
            "G-77",
            "Gruppe Ä",
            relation,
            "zahn_2:patient:1",
        )
        for patid, relation in ((1, "Self"), (2, "Spouse"))
    }


def test_what_went_wrong_is_reported(migrated: Migration) -> None:
    found = {
        (key, field, problem, held)
        for key, field, problem, held in migrated.rows(
            "select key, field, class, held_back from migration.corrections"
            " where practice = 'zahn_2' and class != 'file_missing'"
        )
    }
    assert ("zahn_2:patient:2", "Email", "invalid_email", False) in found
    assert ("zahn_2:patient:5", "LastName", "missing_required", True) in found
    assert ("zahn_2:patient:5", "Birthdate", "missing_required", False) in found
    assert any(problem == "unreadable_line" for _, _, problem, _ in found)


def test_the_social_security_number_never_lands(migrated: Migration) -> None:
    landed = list((migrated.home / "raw").rglob("patient/zahn_2.parquet"))
    assert landed
    for path in landed:
        [(columns, extra)] = migrated.rows(
            "select list(distinct lower(k)), count(*) from"
            f" (select unnest(map_keys(_extra)) as k from read_parquet('{path}'))"
        )
        assert "ssn" not in columns and extra
    files = [path for path in migrated.home.rglob("*") if path.is_file()]
    assert [path for path in files if b"999-00-1111" in path.read_bytes()] == []


def test_every_row_is_accounted_for(migrated: Migration) -> None:
    counts = migrated.rows(
        "select table_name, rows_in_file, landed, rejected, records, merged, skipped, held_back"
        " from migration.source_counts where practice = 'zahn_2'"
    )
    assert {name for name, *_ in counts} >= {"patient", "address", "insured", "inscarrier"}
    for name, in_file, landed, rejected, records, merged, skipped, held_back in counts:
        assert in_file == landed + rejected, name
        assert landed == records + merged + skipped + held_back, name
    [patients] = [row[1:] for row in counts if row[0] == "patient"]
    assert patients == (6, 5, 1, 3, 1, 0, 1)


def test_a_later_export_changes_what_changed(later: Later) -> None:
    """The phone that once spoke for a merge is gone, and the merge stands."""
    people = contacts(later.migration)
    assert set(people) == {f"zahn_2:patient:{patid}" for patid in (1, 2, 3)}
    jose = people["zahn_2:patient:1"]
    assert (jose["Chart_Number__c"], jose["Description"]) == ("A-9", None)
    assert jose["MobilePhone"] == "(312) 555-0111"


@pytest.mark.parametrize(
    ("command", "code"),
    [(("dbt", "build"), 1), (("load-sf", "run"), 1), (("load-sf", "verify"), 1)],
)
def test_a_warehouse_open_elsewhere_is_one_clear_line(
    migrated: Migration, command: tuple[str, ...], code: int
) -> None:
    with duckdb.connect(str(migrated.home / "warehouse.duckdb")):
        refused = migrated.run(*command, code=code)
    assert "warehouse.duckdb is open in another process" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) <= 2
