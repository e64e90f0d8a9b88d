"""Alerts, image references and recalls from two G-series practices into one org: one keeps its
alerts on the Contact, the other as records of their own."""

from typing import Any

from tests.python.small.chart import ACCENTS, LONG, UNC
from tests.python.support import Migration


def contact(migration: Migration, key: str) -> dict[str, Any]:
    [found] = migration.query_org(
        "select Clinical_Alert__c, Clinical_Alert_Details__c, Source_Imaging_URL__c,"
        f" Recall_Rule__c, Next_Recall_Date__c from Contact where Migration_Key__c = '{key}'"
    )
    found.pop("attributes")
    return found


def found(migration: Migration, practice: str, object_name: str) -> set[tuple[Any, ...]]:
    return set(
        migration.rows(
            "select file, line, field, class, held_back from migration.corrections where"
            f" practice = '{practice}' and object = '{object_name}' and class != 'missing_required'"
        )
    )


def test_alerts_in_force_stand_on_the_contact(migrated: Migration) -> None:
    anna = contact(migrated, "on_contact:patient:1")
    # Bit 0 is the link of the same name; bits 31 and, from her other row, 1 are alerts as well.
    values = anna["Clinical_Alert__c"].split(";")
    assert sorted(values) == ["Blood thinner", "Latex", "Pacemaker", "Warfarin, daily"]
    assert anna["Clinical_Alert_Details__c"].splitlines() == [
        "Latex (critical; since 2019-05-06): Hives",
        "Warfarin, daily (ended; 2018-01-01 to 2020-02-03)",
    ]


def test_masked_long_and_unknown_alerts(migrated: Migration) -> None:
    ben = contact(migrated, "on_contact:patient:2")
    assert ben["Clinical_Alert__c"] == "See chart"
    details = ben["Clinical_Alert_Details__c"].splitlines()
    assert len(details) == 3 and details[0] == LONG.strip()
    assert details[1] == "Alert 99, which the export does not name: Ask"
    assert details[2] == "Latex (critical; ended; reported 2015-07-08)"
    assert "HIV" not in str(ben) and "trust" not in str(ben)


def test_alerts_as_records(migrated: Migration) -> None:
    anna, ben = (contact(migrated, f"on_records:patient:{patid}") for patid in (1, 2))
    for person in (anna, ben):
        assert person["Clinical_Alert__c"] is None
        assert person["Clinical_Alert_Details__c"] is None
    records = migrated.query_org(
        "select Migration_Key__c, Contact__r.Migration_Key__c, Alert__c, Kind__c, Critical__c,"
        " Start_Date__c, End_Date__c, Details__c from Clinical_Alert__c"
    )
    assert {
        (
            r["Migration_Key__c"].removeprefix("on_records:alert:"),
            r["Contact__r"]["Migration_Key__c"].removeprefix("on_records:patient:"),
            r["Alert__c"],
            r["Kind__c"],
            r["Critical__c"],
            r["Start_Date__c"],
            r["End_Date__c"],
            r["Details__c"],
        )
        for r in records
    } == {
        ("10", "1", "Latex", "Allergy", True, "2019-05-06", None, "Hives"),
        ("11", "1", "Warfarin, daily", "Medication", False, "2018-01-01", "2020-02-03", None),
        ("12", "1", "Warfarin, daily", "Medication", False, None, None, None),
        ("1-1", "1", "Pacemaker", "Problem", False, None, None, None),
        ("1-31", "1", "Blood thinner", "Problem", False, None, None, None),
        ("14", "2", None, "Problem", False, None, None, LONG.strip()),
        (
            *("15", "2", None, None, False, None, None),
            "Alert 99, which the export does not name\nAsk",
        ),
        ("16", "2", "Latex", "Allergy", True, None, None, "Ended\nReported 2015-07-08"),
    }


def test_images_are_referred_to(migrated: Migration) -> None:
    records = migrated.query_org(
        "select Migration_Key__c, Contact__r.Migration_Key__c, Title__c, Category__c,"
        " Source_Path__c, Source_URL__c, Captured_Date__c from Imaging_Reference__c"
    )
    url = "https://images.example.com/dentrix/SERVER/DtxImages/family/smiles%202024.jpg"
    smiles = ("Smiles", "X-rays", rf"{UNC}\family\smiles 2024.jpg", "2024-05-06")
    accents = ("Accents", "X-rays", ACCENTS, "2020-01-01")
    secret = ("secret.jpg", None, rf"{UNC}\..\..\secret.jpg", "2025-05-06")
    assert {
        r["Migration_Key__c"]: (
            r["Contact__r"]["Migration_Key__c"],
            (r["Title__c"], r["Category__c"], r["Source_Path__c"], r["Captured_Date__c"]),
            r["Source_URL__c"],
        )
        for r in records
    } == {
        f"{practice}:image:{docid}-{patid}": (f"{practice}:patient:{patid}", said, address)
        for practice, docid, patid, said, address in (
            ("on_contact", 1, 1, smiles, url),
            ("on_contact", 1, 2, smiles, url),
            ("on_contact", 2, 1, secret, None),
            ("on_contact", 5, 2, accents, None),
            ("on_records", 1, 1, smiles, None),
            ("on_records", 1, 2, smiles, None),
            ("on_records", 2, 1, secret, None),
            ("on_records", 5, 2, accents, None),
        )
    }
    assert contact(migrated, "on_contact:patient:1")["Source_Imaging_URL__c"] == url
    assert contact(migrated, "on_records:patient:1")["Source_Imaging_URL__c"] is None
    assert found(migrated, "on_contact", "Imaging_Reference__c") == {
        ("docattach.csv", 2, None, "duplicate_key", False),
        ("docattach.csv", 6, "Source_URL__c", "file_refused", False),
        ("document.csv", 3, "Category__c", "orphan", False),
        ("docattach.csv", 10, "Source_URL__c", "too_long", False),
        ("docattach.csv", 8, None, "orphan", True),
        ("docattach.csv", 9, "Contact__r.Migration_Key__c", "orphan", True),
    }


def test_recalls_stand_on_the_contact(migrated: Migration) -> None:
    for practice in ("on_contact", "on_records"):
        anna, ben = (contact(migrated, f"{practice}:patient:{patid}") for patid in (1, 2))
        assert anna["Recall_Rule__c"] == (
            "BITEWINGS every 1 year (dentist); PROPHY every 6 months (hygienist)"
        )
        assert anna["Next_Recall_Date__c"] == "2027-01-15"
        # What he has of his own goes over the template; done and unreadable dates are none.
        assert ben["Recall_Rule__c"] == (
            "BITEWINGS every 1 year (dentist); PROPHY every 4 months (hygienist)"
        )
        assert ben["Next_Recall_Date__c"] == "2027-05-05"


def test_recalls_to_rebuild_are_listed(migrated: Migration) -> None:
    assert migrated.rows(
        "select rule, patients, patients_due, next_due_date::varchar,"
        " contains(flow_to_build, 'Salesforce Flow') from migration.recall_rebuild"
        " where practice = 'on_contact' order by rule"
    ) == [
        ("BITEWINGS every 1 year (dentist)", 2, 0, "2027-01-15", True),
        ("PROPHY every 4 months (hygienist)", 1, 0, None, True),
        ("PROPHY every 6 months (hygienist)", 1, 0, "2027-02-01", True),
        ("UNUSED (dentist)", 0, 0, None, True),
    ]


def test_what_went_wrong_is_reported_where_it_stands(migrated: Migration) -> None:
    on_contact = found(migrated, "on_contact", "Contact")
    assert on_contact >= {
        ("patient.csv", 5, "Clinical_Alert__c", "unreadable_number", False),
        ("hhlinkpat_item.csv", 6, "Clinical_Alert__c", "too_long", False),
        ("hhlinkpat_item.csv", 7, "Clinical_Alert__c", "orphan", False),
        ("hhlinkpat_item.csv", 9, "Clinical_Alert__c", "orphan", True),
        ("recalltype.csv", 4, "Recall_Rule__c", "unreadable_number", False),
        ("recallpending.csv", 4, "Recall_Rule__c", "duplicate_key", False),
        ("recallpending.csv", 6, "Next_Recall_Date__c", "unreadable_date", False),
        ("recallpending.csv", 7, "Recall_Rule__c", "orphan", False),
        ("recallpending.csv", 8, "Recall_Rule__c", "orphan", True),
    }
    assert found(migrated, "on_contact", "Clinical_Alert__c") == {
        ("patient.csv", 4, None, "duplicate_key", False),
        ("medalert.csv", 5, None, "out_of_range", False),
    }
    assert found(migrated, "on_records", "Clinical_Alert__c") == {
        ("patient.csv", 4, None, "duplicate_key", False),
        ("medalert.csv", 5, None, "out_of_range", False),
        ("hhlinkpat_item.csv", 6, "Alert__c", "too_long", False),
        ("hhlinkpat_item.csv", 7, "Alert__c", "orphan", False),
        ("hhlinkpat_item.csv", 9, "Contact__r.Migration_Key__c", "orphan", True),
        ("hhlinkpat_item.csv", 10, "Contact__r.Migration_Key__c", "parent_held_back", True),
    }


def test_every_row_is_accounted_for(migrated: Migration) -> None:
    counts = migrated.rows(
        "select practice, table_name, records, merged, skipped, held_back"
        " from migration.source_counts where table_name not in ('patient')"
    )
    assert {row[1:] for row in counts if row[0] == "on_contact"} == {
        ("medalert", 2, 0, 2, 0),
        ("hhitem", 4, 0, 1, 0),
        ("hhlinkpat_item", 7, 0, 0, 3),
        ("document", 3, 0, 2, 0),
        ("doccat", 1, 0, 1, 0),
        ("docattach", 4, 1, 2, 2),
        ("document_files", 3, 0, 1, 0),
        ("recalltype", 3, 0, 1, 0),
        ("recallpending", 5, 1, 0, 1),
        ("custom_fields", 0, 0, 1, 0),
    }
    [omitted] = [row for row in counts if row[:2] == ("on_records", "hhlinkpat_item")]
    assert omitted[2:] == (6, 0, 1, 3)
    assert migrated.rows(
        "select outcome, alerts from migration.alert_counts"
        " where practice = 'on_contact' and origin = 'bit mask' order by outcome"
    ) == [("alert", 2), ("duplicate_key", 1), ("same_as_link", 1)]
