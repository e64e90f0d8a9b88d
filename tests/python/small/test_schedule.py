"""Appointments, clinical notes and the Office Journal, from an export into the org: one practice
whose appointments are events, and one with the same export whose appointments are an object."""

from typing import Any

from tests.python.small.conftest import Later
from tests.python.small.schedule import LONG, WHOLE
from tests.python.support import Migration


def by_key(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["Migration_Key__c"].partition(":")[2]: record for record in records}


def key_of(parent: dict[str, Any] | None) -> str | None:
    return str(parent["Migration_Key__c"]).partition(":")[2] if parent else None


def user_ids(migration: Migration) -> dict[str, str]:
    return {u["Email"]: u["Id"] for u in migration.query_org("select Id, Email from User")}


def events(migration: Migration) -> dict[str, dict[str, Any]]:
    return by_key(
        migration.query_org(
            "select Migration_Key__c, Subject, StartDateTime, EndDateTime, Location, Description,"
            " OwnerId, WhoId, Operatory__c, Provider__c, Provider_Contact__r.Migration_Key__c,"
            " Appointment_Type__c, Appointment_Status__c, Original_Create_Date__c from Event"
        )
    )


def test_a_visit_arrives_with_every_field_right(migrated: Migration) -> None:
    users = user_ids(migrated)
    patients = {
        r["Migration_Key__c"]: r["Id"]
        for r in migrated.query_org("select Id, Migration_Key__c from Contact")
    }
    visit = events(migrated)["evt:1"]
    expected = {
        "Subject": "Anna Smith \N{EN DASH} Crown",
        "StartDateTime": "2024-07-01T14:30:00.000+0000",
        "EndDateTime": "2024-07-01T15:30:00.000+0000",
        "Location": "Room 1",
        "Operatory__c": "Room 1",
        "Description": "PerEx, 4BW\nBring X-rays",
        "OwnerId": users["dora.dentist@example.com"],
        "WhoId": patients["linden:patient:1"],
        "Provider__c": users["dora.dentist@example.com"],
        "Provider_Contact__r": None,
        "Appointment_Type__c": "Crown",
        "Appointment_Status__c": "Complete",
        "Original_Create_Date__c": "2024-06-01T15:00:00.000+0000",
    }
    assert {name: visit[name] for name in expected} == expected


def test_only_visits_arrive(migrated: Migration) -> None:
    assert set(events(migrated)) == {f"evt:{n}" for n in (1, 2, 3, 4, 12, 13)}
    outcomes = migrated.rows(
        "select line - 1, outcome, reason from intermediate.int_dentrix__source_rows"
        " where practice = 'linden' and table_name = 'appt' order by line"
    )
    assert {n: (outcome, reason) for n, outcome, reason in outcomes if outcome != "record"} == {
        5: ("skipped", "a block, not a visit"),
        6: ("skipped", "deleted, as the history of appointments says"),
        **dict.fromkeys((7, 8, 9, 10, 11), ("held_back", None)),
    }


def test_clocks_that_change(migrated: Migration) -> None:
    """02:30 on 10 March 2024 there was none in Chicago; 01:30 on 3 November came twice."""
    found = events(migrated)
    spring, autumn = found["evt:2"], found["evt:3"]
    assert spring["StartDateTime"] == "2024-03-10T08:30:00.000+0000"
    assert spring["EndDateTime"] == "2024-03-10T09:00:00.000+0000"
    assert autumn["StartDateTime"] == "2024-11-03T06:30:00.000+0000"
    assert autumn["Original_Create_Date__c"] == "2024-11-03T06:15:00.000+0000"


def test_what_a_visit_lacks(migrated: Migration) -> None:
    users, found = user_ids(migrated), events(migrated)
    assert found["evt:2"]["Subject"] == "Anna Smith \N{EN DASH} Prophy"
    assert found["evt:2"]["Location"] == "OP2"
    assert key_of(found["evt:2"]["Provider_Contact__r"]) == "provider:HYG1"
    assert found["evt:2"]["OwnerId"] == users["fallback@example.com"]
    assert found["evt:2"]["Appointment_Status__c"] == "FIRM"
    assert found["evt:3"]["Subject"] == "Bo Jones"
    assert found["evt:3"]["EndDateTime"] == "2024-11-03T06:45:00.000+0000"
    assert found["evt:3"]["Appointment_Status__c"] == "Broken"
    slot = found["evt:4"]
    assert (slot["Subject"], slot["WhoId"]) == ("Mary Ann O'Neil \N{EN DASH} New patient", None)
    assert (slot["Provider__c"], slot["Provider_Contact__r"]) == (None, None)
    assert (slot["Appointment_Status__c"], slot["Description"]) == ("Will Call", "Called in")
    stray = found["evt:12"]
    assert (stray["Location"], stray["Appointment_Type__c"]) == (None, None)
    assert stray["Appointment_Status__c"] is None
    assert found["evt:13"]["EndDateTime"] == "2024-07-07T14:15:00.000+0000"


def test_appointments_are_an_object_where_the_practice_wants_one(migrated: Migration) -> None:
    found = by_key(
        migrated.query_org(
            "select Migration_Key__c, Subject__c, Start__c, End__c, Location__c, Description__c,"
            " Contact__r.Migration_Key__c, Appointment_Status__c, Operatory__c from Appointment__c"
        )
    )
    assert set(found) == {f"evt:{n}" for n in (1, 2, 3, 4, 12, 13)}
    visit = found["evt:1"]
    assert visit["Migration_Key__c"] == "ash:evt:1"
    assert key_of(visit["Contact__r"]) == "patient:1"
    assert (visit["Subject__c"], visit["Location__c"]) == ("Anna Smith \N{EN DASH} Crown", "Room 1")
    assert visit["Start__c"] == "2024-07-01T14:30:00.000+0000"
    assert visit["End__c"] == "2024-07-01T15:30:00.000+0000"
    assert visit["Description__c"] == "PerEx, 4BW\nBring X-rays"
    assert found["evt:4"]["Contact__r"] is None
    assert all(key.startswith("linden:") for (key,) in migrated.rows(
        'select "Migration_Key__c" from salesforce.dentrix__event'
    ))  # fmt: skip


def test_notes_arrive_whole(migrated: Migration) -> None:
    found = by_key(
        migrated.query_org(
            "select Migration_Key__c, Body__c, Part__c, Note_Date__c, Original_Note_Date__c,"
            " Signed__c, Provider__c, Provider_Contact__r.Migration_Key__c,"
            " Contact__r.Migration_Key__c, Treatment_Plan__r.Migration_Key__c"
            " from Clinical_Note__c where Migration_Key__c like 'linden%'"
        )
    )
    assert set(found) == {"note:1", "note:2", "note:2-2", "note:3", "note:5"}
    note = found["note:1"]
    assert note["Body__c"] == "All well.\nFlossing."
    assert (note["Note_Date__c"], note["Original_Note_Date__c"]) == (
        "2024-07-01",
        "2024-07-01T14:45:00.000+0000",
    )
    assert (note["Part__c"], note["Signed__c"]) == (1, True)
    assert note["Provider__c"] == user_ids(migrated)["dora.dentist@example.com"]
    assert key_of(note["Contact__r"]) == "patient:1"
    assert key_of(note["Treatment_Plan__r"]) == "plan:60"
    assert found["note:3"]["Treatment_Plan__r"] is None
    first, second = found["note:2"], found["note:2-2"]
    assert first["Body__c"] + second["Body__c"] == LONG
    assert [len(p["Body__c"].encode("utf-16-le")) // 2 for p in (first, second)] == [32000, 3006]
    assert (first["Part__c"], second["Part__c"]) == (1, 2)
    # The day is the practice's, not that of UTC.
    assert {p["Note_Date__c"] for p in (first, second)} == {"2023-12-31"}
    assert not first["Signed__c"]
    assert found["note:3"]["Body__c"] == WHOLE
    assert found["note:3"]["Original_Note_Date__c"] == "2024-11-03T06:30:00.000+0000"
    assert found["note:5"]["Body__c"] is None


def test_the_office_journal_arrives_as_tasks(migrated: Migration) -> None:
    records = migrated.query_org(
        "select Migration_Key__c, Subject, TaskSubtype, Status, ActivityDate, Description,"
        " Original_Start__c, WhoId, Provider__c, Provider_Contact__r.Migration_Key__c, IsClosed"
        " from Task where Migration_Key__c like 'linden%'"
    )
    found = by_key(records)
    assert set(found) == {"tsk:9", "tsk:10", "tsk:11", "tsk:13"}
    call = found["tsk:9"]
    assert (call["Subject"], call["TaskSubtype"], call["Status"]) == (
        "Recall call",
        "Call",
        "Completed",
    )
    assert (call["ActivityDate"], call["Original_Start__c"]) == (
        "2024-03-04",
        "2024-03-04T15:30:00.000+0000",
    )
    assert call["Description"] == "Left a message"
    assert call["WhoId"] and call["Provider__c"] and call["IsClosed"]
    assert found["tsk:10"]["TaskSubtype"] == "Email"
    assert found["tsk:10"]["Original_Start__c"] == "2024-03-05T20:05:00.000+0000"
    assert key_of(found["tsk:10"]["Provider_Contact__r"]) == "provider:HYG1"
    assert (found["tsk:11"]["WhoId"], found["tsk:11"]["TaskSubtype"]) == (None, "Task")
    assert found["tsk:11"]["Original_Start__c"] is None
    assert (found["tsk:13"]["ActivityDate"], found["tsk:13"]["Original_Start__c"]) == (None, None)


def test_what_went_wrong_is_reported(migrated: Migration) -> None:
    found = {
        (key.partition(":")[2], field.partition(".")[0], problem, held)
        for key, field, problem, held in migrated.rows(
            "select key, field, class, held_back from migration.corrections"
            " where key like 'linden:%' and object in ('Event', 'Task', 'Clinical_Note__c')"
        )
    }
    provider = "Provider_Contact__r"
    assert found == {
        ("evt:2", "StartDateTime", "adjusted", False),
        ("evt:3", "StartDateTime", "adjusted", False),
        ("evt:3", "Original_Create_Date__c", "adjusted", False),
        ("evt:3", "EndDateTime", "adjusted", False),
        ("evt:4", "Who", "missing_required", False),
        ("evt:4", provider, "orphan", False),
        ("evt:7", "EndDateTime", "out_of_range", True),
        ("evt:8", "EndDateTime", "out_of_range", True),
        ("evt:9", "StartDateTime", "missing_required", True),
        ("evt:10", "StartDateTime", "out_of_range", True),
        ("evt:11", "Who", "orphan", True),
        ("evt:13", "EndDateTime", "unreadable_number", False),
        *(
            (f"evt:{n}", field, "orphan", False)
            for n in (11, 12)
            for field in ("Operatory__c", "Appointment_Type__c", "Appointment_Status__c")
        ),
        ("note:3", "Original_Note_Date__c", "adjusted", False),
        ("note:3", "Treatment_Plan__r", "orphan", False),
        ("note:4", "Note_Date__c", "missing_required", True),
        ("note:6", "Contact__r", "orphan", True),
        ("tsk:11", "TaskSubtype", "not_in_picklist", False),
        ("tsk:12", "Who", "orphan", True),
        ("tsk:12", "Original_Start__c", "unreadable_date", False),
        ("tsk:13", "ActivityDate", "unreadable_date", False),
        ("tsk:13", "Original_Start__c", "out_of_range", False),
    }


def test_every_row_is_accounted_for(migrated: Migration) -> None:
    counts = {
        name: tuple(numbers)
        for name, *numbers in migrated.rows(
            "select table_name, landed, records, merged, skipped, held_back"
            " from migration.source_counts where practice = 'linden'"
        )
    }
    assert counts["appt"] == (13, 6, 0, 2, 5)
    assert counts["appt_type"] == (2, 2, 0, 0, 0)
    assert counts["appt_status"] == (2, 1, 0, 1, 0)
    assert counts["appthist"] == (2, 0, 0, 2, 0)
    assert counts["operatory"] == (2, 2, 0, 0, 0)
    assert counts["clinicalnote"] == (6, 4, 0, 0, 2)
    assert counts["contact"] == (6, 4, 1, 0, 1)


def test_a_later_export_changes_and_clears(later: Later) -> None:
    copy = later.migration
    found = events(copy)
    slot, moved = found["evt:1"], found["evt:2"]
    assert (slot["WhoId"], slot["Provider__c"]) == (None, None)
    assert slot["Subject"] == "Anna Smith \N{EN DASH} Crown"
    assert slot["OwnerId"] == user_ids(copy)["fallback@example.com"]
    assert (moved["Location"], moved["Operatory__c"]) == (None, None)
    assert moved["EndDateTime"] == "2024-03-10T09:15:00.000+0000"
