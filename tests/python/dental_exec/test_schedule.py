"""Appointments and tasks of a Dental-Exec practice, from an export into the marts, and again from
a later one in which visits that stood in the calendar are over."""

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.python.dental_exec.marts import PRACTICE, problems, records
from tests.python.raw.exports import write_set
from tests.python.support import Migration

# The whole practices hold the same, row by row, in every run.
pytestmark = pytest.mark.long

STEPS = (
    "+dental_exec__event",
    "+dental_exec__visit",
    "+dental_exec__recall",
    "+dental_exec__activity",
    "int_dental_exec__schedule_loose_problems",
    "int_dental_exec__schedule_source_rows",
)

PATIENTS = """\
Patient ID,Last Name,First Name,Birth Date,Email,Status
1,Ash,Anna,01/02/1980,anna@example.com,A
2,ASH,ANNA,1/2/80,ANNA@example.com,A
3,,Nameless,03/04/1990,,A
4,Birch,Ben,05/06/1970,,A
"""
PROVIDERS = """\
Provider ID,Last Name,First Name,Type,Active
D1,Ott,Dora,DENTIST,Y
"""
APPOINTMENTS = """\
Appt ID,Patient ID,Provider ID,Operatory,Date,Start Time,End Time,Minutes,Type,Status,Reason,Notes,\
Created,Created By
1,1,D1,Room 1,07/01/2024,9:00 AM,10:00 AM,60,RESTORATIVE,COMPLETED,Crown,Went well,\
06/01/2024 3:15 PM,FRONT
2,2,D1,Room 2,7/5/27,2:30 pm,3:00 PM,,HYGIENE,Scheduled,,Bring pictures,06/01/2024,
3,4,,,03/14/2027,2:30 AM,,30,,CONFIRMED,Look at it,,,
4,4,D1,,07/02/2024,,,30,HYGIENE,CANCELED,,,,
5,4,D1,,07/03/2024,half past,9:00 AM,30,HYGIENE,No-Show,,,,
6,4,D1,,07/04/2024,9:00 AM,10:00 AM,30,HYGIENE,COMPLETED,,,,
7,4,D1,,07/05/2027,9:00 AM,,0,HYGIENE,SCHEDULED,,,,
8,4,D1,,07/06/2027,9:00 AM,,,HYGIENE,SCHEDULED,,,,
9,4,D1,,07/07/2027,9:00 AM,8:30 AM,,HYGIENE,SCHEDULED,,,,
10,4,D1,,07/08/2024,9:00 AM,,20161,HYGIENE,COMPLETED,,,,
11,4,D1,,07/09/2027,9:00 AM,9:40 AM,an hour,HYGIENE,SCHEDULED,,,,
12,4,D1,,07/10/2027,9:00 AM,about ten,30,HYGIENE,SCHEDULED,,,,
13,4,D1,,07/11/2027,,,30,HYGIENE,SCHEDULED,,,,
14,4,D1,,07/12/2027,noonish,,30,HYGIENE,SCHEDULED,,,,
15,4,D1,,,9:00 AM,,30,HYGIENE,COMPLETED,,,,
16,4,D1,,12/31/9999,9:00 AM,,30,HYGIENE,SCHEDULED,,,,
17,,D1,,07/13/2027,9:00 AM,,30,HYGIENE,Tentative,,,,
18,77,D1,,07/14/2027,9:00 AM,,30,HYGIENE,SCHEDULED,,,,
19,3,D1,,07/15/2027,9:00 AM,,30,HYGIENE,,,,,
20,4,NOBODY,,07/16/2027,9:00 AM,,30,HYGIENE,,,,last week,
0,4,D1,,07/17/2027,9:00 AM,,30,HYGIENE,SCHEDULED,,,,
"""
TASKS = """\
Task ID,Patient ID,Task Type,Subject,Due Date,Completed Date,Interval,Assigned To,Status,Notes,\
Created
1,2,RECALL,Cleaning due,01/15/2027,,6M,,OPEN,Mornings,07/15/2026 10:00 AM
2,4,Call,6-month cleaning,01/16/2027,01/20/2027 9:05 AM,180,,OPEN,,
3,4,HYGIENE,,01/17/2027,,every so often,,Waiting,,
4,4,OTHER,Recare card,01/18/2027,,6 months,,IN PROGRESS,,
5,1,CALL,Ask about 6 month plan,07/01/2024 4:30 PM,07/01/2024 4:45 PM,,,done,Will think,06/30/2024
6,,MEETING,Staff,11/01/2026,,,,In-Progress,,
7,4,E-Mail,Statement,,07/02/2024,,,,,
8,4,PIGEON,Send,someday,,,,sent,,
9,77,CALL,Lost,07/03/2024,,,,,,
10,3,CALL,Of one held back,07/03/2024,,,,,,
11,4,CALL,Late,11/01/2026 1:30 AM,,,,Deferred,,
0,4,CALL,No key,07/03/2024,,,,,,
"""
NOTES = """\
Note ID,Patient ID,Provider ID,Appt ID,Note Date,Body,Signed
10,1,D1,1,07/01/2024 09:45 AM,First,Y
11,1,D1,1,07/02/2024,Second,N
12,4,D1,9,07/01/2027,Of a visit held back,Y
13,4,D1,7,,Undated and so held back,Y
"""
REPORTS = {
    "PATIENTS.csv": PATIENTS,
    "PROVIDERS.csv": PROVIDERS,
    "APPOINTMENTS.csv": APPOINTMENTS,
    "TASKS.csv": TASKS,
    "NOTES.csv": NOTES,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schedule")


@pytest.fixture(scope="module")
def built(folder: Path) -> Migration:
    migration = Migration(folder / "home")
    migration.run("load-raw", write_set(folder / "first", REPORTS, **PRACTICE))
    migration.build(*STEPS)
    return migration


def test_a_visit_that_is_over_arrives_with_every_field_right(built: Migration) -> None:
    columns = {
        "What.Migration_Key__c": "elm:patient:1",
        "Subject": "Anna Ash \N{EN DASH} RESTORATIVE",
        "ActivityDate": date(2024, 7, 1),
        "Status": "Completed",
        "Description": "Crown\nWent well",
        "Original_Start__c": datetime(2024, 7, 1, 14, 0),
        "Original_End__c": datetime(2024, 7, 1, 15, 0),
        "Operatory__c": "Room 1",
        "Provider_Contact__r.Migration_Key__c": "elm:provider:D1",
        "Appointment_Type__c": "RESTORATIVE",
        "Appointment_Status__c": "Completed",
        "Clinical_Note__r.Migration_Key__c": "elm:note:10",
        "Original_Create_Date__c": datetime(2024, 6, 1, 20, 15),
        "_supersedes": "elm:evt:1",
    }
    assert records(built, "visit", *columns)["vis:1"] == tuple(columns.values())


def test_a_visit_to_come_arrives_with_every_field_right(built: Migration) -> None:
    columns = {
        "What.Migration_Key__c": "elm:patient:1",
        "Subject": "Anna Ash \N{EN DASH} HYGIENE",
        "StartDateTime": datetime(2027, 7, 5, 19, 30),
        "EndDateTime": datetime(2027, 7, 5, 20, 0),
        "Location": "Room 2",
        "Description": "Bring pictures",
        "Operatory__c": "Room 2",
        "Provider_Contact__r.Migration_Key__c": "elm:provider:D1",
        "Appointment_Type__c": "HYGIENE",
        "Appointment_Status__c": "Scheduled",
        "Clinical_Note__r.Migration_Key__c": None,
        "Original_Create_Date__c": datetime(2024, 6, 1, 5, 0),
        "_supersedes": "elm:vis:2",
    }
    assert records(built, "event", *columns)["evt:2"] == tuple(columns.values())


def test_appointments_are_events_or_tasks_by_their_status(built: Migration) -> None:
    events = records(built, "event", "Appointment_Status__c")
    assert set(events) == {f"evt:{n}" for n in (2, 3, 7, 8, 11, 12, 17, 20)}
    assert events["evt:3"] == ("Confirmed",)
    assert events["evt:17"] == ("Tentative",)
    assert events["evt:20"] == (None,)
    assert records(built, "visit", "Status", "Appointment_Status__c", "ActivityDate") == {
        "vis:1": ("Completed", "Completed", date(2024, 7, 1)),
        "vis:4": ("Deferred", "Cancelled", date(2024, 7, 2)),
        "vis:5": ("Deferred", "No Show", date(2024, 7, 3)),
        "vis:6": ("Completed", "Completed", date(2024, 7, 4)),
    }


def test_ends_follow_minutes_then_times(built: Migration) -> None:
    ends = records(built, "event", "EndDateTime")
    # 02:30 on 14 March 2027 there is none in Chicago: an hour later.
    assert ends["evt:3"] == (datetime(2027, 3, 14, 9, 0),)
    assert ends["evt:7"] == (datetime(2027, 7, 5, 14, 15),)
    assert ends["evt:8"] == (datetime(2027, 7, 6, 14, 15),)
    assert ends["evt:11"] == (datetime(2027, 7, 9, 14, 40),)
    assert ends["evt:12"] == (datetime(2027, 7, 10, 14, 30),)
    visits = records(built, "visit", "Original_Start__c", "Original_End__c")
    assert visits["vis:4"] == visits["vis:5"] == (None, None)
    assert visits["vis:6"][1] == datetime(2024, 7, 4, 14, 30)


def test_defects_of_appointments_are_reported(built: Migration) -> None:
    assert problems(built, "event") == {
        "evt:3": {("StartDateTime", "adjusted", False)},
        "evt:7": {("EndDateTime", "adjusted", False)},
        "evt:8": {("EndDateTime", "adjusted", False)},
        "evt:9": {("EndDateTime", "out_of_range", True)},
        "evt:11": {("EndDateTime", "unreadable_number", False)},
        "evt:12": {("EndDateTime", "unreadable_date", False)},
        "evt:13": {("StartDateTime", "missing_required", True)},
        "evt:14": {("StartDateTime", "unreadable_date", True)},
        "evt:16": {("StartDateTime", "missing_required", True)},
        "evt:17": {
            ("What.Migration_Key__c", "missing_required", False),
            ("Appointment_Status__c", "not_in_picklist", False),
        },
        "evt:18": {("What.Migration_Key__c", "orphan", True)},
        "evt:19": {
            ("What.Migration_Key__c", "parent_held_back", True),
            ("Appointment_Status__c", "missing_required", False),
        },
        "evt:20": {
            ("Appointment_Status__c", "missing_required", False),
            ("Provider_Contact__c", "orphan", False),
            ("Original_Create_Date__c", "unreadable_date", False),
        },
    }
    assert problems(built, "visit") == {
        "vis:5": {("Original_Start__c", "unreadable_date", False)},
        "vis:6": {("Original_End__c", "adjusted", False)},
        "vis:10": {("Original_End__c", "out_of_range", True)},
        "vis:15": {("ActivityDate", "missing_required", True)},
    }


def test_notes_know_the_key_of_their_visit(built: Migration) -> None:
    assert records(built, "note", "Visit_Key__c") == {
        "note:10": ("elm:vis:1",),
        "note:11": ("elm:vis:1",),
        "note:12": (None,),
    }


def test_recalls_are_found_wherever_they_hide(built: Migration) -> None:
    columns = ("Subject", "ActivityDate", "Status", "Recall_Interval__c", "Description")
    assert records(built, "recall", *columns) == {
        "tsk:1": (
            "Recall Due",
            date(2027, 1, 15),
            "Not Started",
            "6 months",
            "Cleaning due\nMornings",
        ),
        "tsk:2": ("Recall Due", date(2027, 1, 16), "Completed", "180 days", "6-month cleaning"),
        "tsk:3": ("Recall Due", date(2027, 1, 17), "Not Started", None, None),
        "tsk:4": ("Recall Due", date(2027, 1, 18), "Not Started", "6 months", "Recare card"),
    }
    times = records(
        built,
        "recall",
        "What.Migration_Key__c",
        "Original_Completed__c",
        "Original_Create_Date__c",
    )
    assert times["tsk:1"] == ("elm:patient:1", None, datetime(2026, 7, 15, 15, 0))
    assert times["tsk:2"] == ("elm:patient:4", datetime(2027, 1, 20, 15, 5), None)
    assert problems(built, "recall") == {
        "tsk:3": {("Recall_Interval__c", "unreadable_number", False)}
    }


def test_other_tasks_keep_their_times(built: Migration) -> None:
    columns = (
        "TaskSubtype",
        "ActivityDate",
        "Status",
        "Original_Start__c",
        "Original_Completed__c",
    )
    assert records(built, "activity", *columns) == {
        "tsk:5": (
            "Call",
            date(2024, 7, 1),
            "Completed",
            datetime(2024, 7, 1, 21, 30),
            datetime(2024, 7, 1, 21, 45),
        ),
        "tsk:6": ("Task", date(2026, 11, 1), "In Progress", None, None),
        "tsk:7": ("Email", date(2024, 7, 2), "Completed", None, None),
        "tsk:8": ("Task", None, "Not Started", None, None),
        "tsk:11": ("Call", date(2026, 11, 1), "Deferred", datetime(2026, 11, 1, 6, 30), None),
    }
    assert records(built, "activity", "Subject", "Description", "What.Migration_Key__c")[
        "tsk:5"
    ] == ("Ask about 6 month plan", "Will think", "elm:patient:1")
    assert problems(built, "activity") == {
        "tsk:8": {
            ("TaskSubtype", "not_in_picklist", False),
            ("Status", "not_in_picklist", False),
            ("ActivityDate", "unreadable_date", False),
        },
        "tsk:9": {("What.Migration_Key__c", "orphan", True)},
        "tsk:10": {("What.Migration_Key__c", "parent_held_back", True)},
        "tsk:11": {("Original_Start__c", "adjusted", False)},
    }


def test_no_row_disappears(built: Migration) -> None:
    assert built.rows(
        "select table_name, outcome, reason, count(*)"
        " from intermediate.int_dental_exec__schedule_source_rows group by all order by all"
    ) == [
        ("appointments", "held_back", "no primary key", 1),
        ("appointments", "held_back", None, 8),
        ("appointments", "record", None, 12),
        ("tasks", "held_back", "no primary key", 1),
        ("tasks", "held_back", None, 2),
        ("tasks", "record", None, 9),
    ]
    assert built.rows(
        "select object, key, field, class, held_back"
        " from intermediate.int_dental_exec__schedule_loose_problems order by object"
    ) == [
        ("Event", None, "Migration_Key__c", "missing_required", True),
        ("Task", None, "Migration_Key__c", "missing_required", True),
    ]


def test_a_visit_that_is_over_later_takes_the_place_of_its_event(
    built: Migration, folder: Path
) -> None:
    before = records(built, "visit", "_row_hash") | records(built, "event", "_row_hash")
    later = APPOINTMENTS.replace("HYGIENE,Scheduled,", "HYGIENE,COMPLETED,").replace(
        "RESTORATIVE,COMPLETED,", "RESTORATIVE,SCHEDULED,"
    )
    notes = NOTES + "14,1,D1,2,07/05/2027,Of the visit,Y\n"
    reports = REPORTS | {"APPOINTMENTS.csv": later, "NOTES.csv": notes}
    built.run(
        "load-raw",
        write_set(folder / "second", reports, **PRACTICE, extracted_at="2027-08-01T02:00:00-06:00"),
    )
    built.build(*STEPS)
    events = records(built, "event", "_row_hash", "_supersedes")
    visits = records(built, "visit", "_row_hash", "_supersedes")
    assert "evt:2" not in events and visits["vis:2"][1] == "elm:evt:2"
    assert "vis:1" not in visits and events["evt:1"][1] == "elm:vis:1"
    linked = records(built, "visit", "Clinical_Note__r.Migration_Key__c")
    assert linked["vis:2"] == ("elm:note:14",)
    keys = records(built, "note", "Visit_Key__c")
    assert keys["note:14"] == ("elm:vis:2",)
    assert keys["note:10"] == ("elm:evt:1",)
    after = {key: (row_hash,) for key, (row_hash, _) in (events | visits).items()}
    unchanged = before.keys() - {"evt:2", "vis:1"}
    assert {key: after[key] for key in unchanged} == {key: before[key] for key in unchanged}
