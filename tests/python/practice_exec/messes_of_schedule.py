"""What is wrong, or only odd, with appointments and tasks: one each."""

from datetime import date, datetime, time, timedelta
from typing import Any

from tests.python.practice.book import Fields, to
from tests.python.practice.world import UTC
from tests.python.practice_exec.clinic import Clinic
from tests.python.practice_exec.defects import NOWHERE, held_back_patient
from tests.python.practice_exec.people import plant
from tests.python.practice_exec.schedule import (
    Visit,
    expect_activity,
    expect_recall,
    task,
    visit,
)

NINE = datetime(2026, 12, 2, 9, 0)
TEN_TO = time(9, 50)
OBJECT = {"event": "StartDateTime", "visit": "ActivityDate"}
LAST = {"event": "EndDateTime", "visit": "Original_End__c"}


def plant_schedule(clinic: Clinic) -> None:
    """Plants everything this module knows."""
    for status in ("SCHEDULED", "COMPLETED"):
        _lengths(clinic, status)
        _held_back_visits(clinic, status)
        _clocks(clinic, status)
    _starts(clinic)
    _statuses(clinic)
    _left_out(clinic)
    _tasks(clinic)
    _kinds(clinic)
    _held_back_tasks(clinic)


def _report(
    clinic: Clinic, planted: Visit, row: Fields, cls: str, field: str | None, **expected: Any
) -> None:
    """An appointment that loads, and what is said of it."""
    key = planted.key(clinic)
    clinic.book.record(planted.step, key, expected)
    clinic.book.problem(cls, key, field, table="appointments", row=row)


def _lengths(clinic: Clinic, status: str) -> None:
    """Both ends told alike, apart, one of them, none."""
    for cells, length, cls in (
        ({"minutes": "", "end_time": TEN_TO}, 50, None),
        ({"minutes": "", "end_time": ""}, 15, "adjusted"),
        ({"minutes": 0, "end_time": ""}, 15, "adjusted"),
        ({"minutes": "0", "end_time": time(9, 0)}, 15, "adjusted"),
        ({"minutes": 45, "end_time": TEN_TO}, 45, "adjusted"),
        ({"minutes": "an hour", "end_time": TEN_TO}, 50, "unreadable_number"),
        ({"minutes": 45, "end_time": "late"}, 45, "unreadable_date"),
        ({"minutes": 14 * 24 * 60, "end_time": ""}, 14 * 24 * 60, None),
    ):
        planted, row = visit(clinic, cells, start=NINE, status=status, length=length)
        if cls:
            _report(clinic, planted, row, cls, LAST[planted.step])


def _held_back_visits(clinic: Clinic, status: str) -> None:
    """Appointments of a length that cannot be, without a day, of someone who is not there."""
    nobody = held_back_patient(clinic)
    for cells, cls, different in (
        ({"minutes": -30}, "out_of_range", {}),
        ({"minutes": "", "end_time": time(8, 0)}, "out_of_range", {}),
        ({"minutes": 14 * 24 * 60 + 1}, "out_of_range", {}),
        ({"date": ""}, "missing_required", {}),
        ({"date": "12/31/9999"}, "missing_required", {}),
        ({"date": "someday"}, "unreadable_date", {}),
        ({"patient_id": NOWHERE}, "orphan", {}),
        ({}, "parent_held_back", {"person": nobody}),
    ):
        planted, row = visit(clinic, cells, status=status, **different)
        key = planted.key(clinic)
        clinic.book.held_back(cls, planted.step, key, table="appointments", row=row)
        clinic.book.skipped("appointments", row, "", outcome="held_back")


def _starts(clinic: Clinic) -> None:
    """An event begins at an hour; what is over needs but a day."""
    for cell, cls in (("", "missing_required"), ("noonish", "unreadable_date")):
        planted, row = visit(clinic, {"start_time": cell})
        key = planted.key(clinic)
        clinic.book.held_back(cls, "event", key, "StartDateTime", table="appointments", row=row)
        planted, row = visit(clinic, {"start_time": cell}, status="NO SHOW")
        nothing = {"Original_Start__c": None, "Original_End__c": None}
        clinic.book.record("visit", planted.key(clinic), nothing)
        if cell:
            _report(clinic, planted, row, cls, "Original_Start__c")
    visit(clinic, {"date": "12/2/26", "start_time": "9:00am"}, start=NINE)
    visit(
        clinic, {"date": "20261202", "start_time": "14:30"}, start=NINE.replace(hour=14, minute=30)
    )


def _clocks(clinic: Clinic, status: str) -> None:
    """Where the clocks change: the end is the start and the minutes."""
    for local, utc in (
        (datetime(2026, 3, 8, 2, 30), datetime(2026, 3, 8, 8, 30, tzinfo=UTC)),
        (datetime(2026, 11, 1, 1, 30), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
    ):
        planted, row = visit(clinic, start=local, status=status)
        slot = ("Original_Start__c", "Original_End__c")
        slot = slot if planted.over else ("StartDateTime", "EndDateTime")
        expected = dict(zip(slot, (utc, utc + timedelta(minutes=45)), strict=True))
        _report(clinic, planted, row, "adjusted", slot[0], **expected)


def _statuses(clinic: Clinic) -> None:
    """A word nobody knows stays as typed, and none stays none: both are events."""
    for word, cls in (("Waiting Room", "not_in_picklist"), ("", "missing_required")):
        planted, row = visit(clinic, {"status": word})
        shown = {"Appointment_Status__c": word or None}
        _report(clinic, planted, row, cls, "Appointment_Status__c", **shown)
    for word, shown_as in (
        ("NOSHOW", "No Show"),
        ("no show", "No Show"),
        ("cancelled", "Cancelled"),
    ):
        planted, _ = visit(clinic, {"status": word}, status="NO SHOW")
        clinic.book.record("visit", planted.key(clinic), Appointment_Status__c=shown_as)


def _left_out(clinic: Clinic) -> None:
    for status in ("SCHEDULED", "CANCELLED"):
        planted, row = visit(clinic, {"provider_id": "D99"}, status=status)
        _report(clinic, planted, row, "orphan", "Provider_Contact__c",
                **to("Provider_Contact__c", None))  # fmt: skip
        planted, row = visit(clinic, {"provider_id": "WALK"}, status=status)
        _report(clinic, planted, row, "orphan", "Provider_Contact__c",
                **to("Provider_Contact__c", None))  # fmt: skip
        planted, row = visit(clinic, {"patient_id": ""}, status=status)
        _report(clinic, planted, row, "missing_required", "WhatId", Subject="RESTORATIVE",
                **to("WhatId", None))  # fmt: skip
        planted, row = visit(clinic, {"created": "once"}, status=status)
        _report(clinic, planted, row, "unreadable_date", "Original_Create_Date__c",
                Original_Create_Date__c=None)  # fmt: skip
        planted, row = visit(clinic, {"operatory": "O" * 300}, status=status)
        _report(clinic, planted, row, "too_long", "Operatory__c", Operatory__c=None)
        if not planted.over:
            clinic.book.record("event", planted.key(clinic), Location=None)
    visit(clinic, type="", reason="Loose crown", notes="Careful\twith the bridge")
    row = clinic.book.row("appointments", appt_id="0", date=date(2026, 12, 2), minutes=10)
    clinic.book.problem("missing_required", None, held_back=True, table="appointments", row=row)


def _tasks(clinic: Clinic) -> None:
    """Cells of tasks that are odd or wrong."""
    at = datetime(2026, 12, 3, 9, 30)
    blank: Fields = {"ActivityDate": None, "Original_Start__c": None}
    for cells, cls, field, expected in (
        ({"status": "Someday maybe"}, "not_in_picklist", "Status", {"Status": "Not Started"}),
        ({"task_type": "SÉANCE"}, "not_in_picklist", "TaskSubtype", {"TaskSubtype": "Task"}),
        ({"due_date": "soon"}, "unreadable_date", "ActivityDate", blank),
        ({"created": "once"}, "unreadable_date", "Original_Create_Date__c",
         {"Original_Create_Date__c": None}),
        ({"subject": "s" * 256}, "too_long", "Subject", {"Subject": None}),
        ({"completed_date": "recently"}, "unreadable_date", "Original_Completed__c",
         {"Original_Completed__c": None}),
    ):  # fmt: skip
        planted, row = task(clinic, cells)
        key = planted.key(clinic)
        expect_activity(clinic, planted, **expected)
        clinic.book.problem(cls, key, field, table="tasks", row=row)
    planted, row = task(clinic, {"interval": "often"}, type="RECALL")
    expect_recall(clinic, planted, Recall_Interval__c=None)
    clinic.book.problem(
        "unreadable_number", planted.key(clinic), "Recall_Interval__c", table="tasks", row=row
    )
    planted, _ = task(clinic, {"completed_date": "12/31/9999"})
    expect_activity(clinic, planted)
    planted, _ = task(clinic, due=None, done=at)
    expect_activity(clinic, planted, Original_Start__c=None)
    planted, _ = task(clinic, due=None)
    expect_activity(clinic, planted)
    planted, _ = task(clinic, status="Done", assigned_to="U3")
    expect_activity(clinic, planted)
    planted, _ = task(clinic, status="In Progress", type="RECALL", interval="6M")
    expect_recall(clinic, planted)


def _kinds(clinic: Clinic) -> None:
    """What is a recall whatever its type says, and what is none whatever it sounds like."""
    for kind, subject in (
        ("CALL", "RECALL overdue"),
        ("EMAIL", "Send recare card"),
        ("OTHER", "Schedule 3 month perio cleaning"),
        ("MEETING", "6 Month Check"),
        ("hygiene", "Nothing said"),
    ):
        planted, _ = task(clinic, type=kind, subject=subject)
        expect_recall(clinic, planted)
    for kind, subject in (
        ("CALL", "Check balance of last month"),
        ("OTHER", "6 month report"),
        ("", "Clean the sink"),
    ):
        planted, _ = task(clinic, type=kind, subject=subject)
        expect_activity(clinic, planted)


def _held_back_tasks(clinic: Clinic) -> None:
    """A task that names nobody loads; one that names somebody who is not there does not."""
    for kind, expect in (("RECALL", expect_recall), ("CALL", expect_activity)):
        planted, _ = task(clinic, type=kind, person=None)
        expect(clinic, planted)
        step = "recall" if kind == "RECALL" else "activity"
        planted, row = task(clinic, {"patient_id": NOWHERE}, type=kind, person=None)
        key = planted.key(clinic)
        clinic.book.held_back("orphan", step, key, "WhatId", table="tasks", row=row)
        nobody = held_back_patient(clinic)
        planted, row = task(clinic, type=kind, person=nobody)
        key = planted.key(clinic)
        clinic.book.held_back("parent_held_back", step, key, "WhatId", table="tasks", row=row)
    same = plant(clinic)
    for _ in range(2):
        planted, _ = task(clinic, person=same, subject="The same twice")
        expect_activity(clinic, planted)
