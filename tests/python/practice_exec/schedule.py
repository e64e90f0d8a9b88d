"""Appointments, which are events until they are over, and the list of tasks with its recalls."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from tests.python.practice.book import Fields, Row, to
from tests.python.practice.world import TODAY, Person
from tests.python.practice_exec.clinic import ORDINARY_OWNERS, Clinic
from tests.python.practice_exec.people import plant

# What a status is written as, and what Salesforce calls it; those below are over.
COMING = {"SCHEDULED": "Scheduled", "Confirmed": "Confirmed"}
OVER = {
    "COMPLETED": "Completed",
    "Completed": "Completed",
    "CANCELLED": "Cancelled",
    "Canceled": "Cancelled",
    "NO SHOW": "No Show",
    "No-Show": "No Show",
}
EN_DASH = "\N{EN DASH}"
TYPES = ["HYGIENE", "RESTORATIVE", "CONSULTATION", ""]
REASONS = ["Crown prep #14", "Cleaning", ""]


@dataclass(eq=False)
class Visit:
    """One appointment by the practice's own clock. `length`: minutes; `told` says which cells say
    so: `minutes`, `end` or `both`."""

    number: int
    person: Person | None
    start: datetime
    status: str
    length: int = 45
    told: str = "minutes"
    provider: str = "D1"
    type: str = "RESTORATIVE"
    reason: str = ""
    notes: str = ""
    created: datetime = datetime(2024, 1, 8, 9, 12)
    created_by: str = "U1"
    cells: Fields = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def step(self) -> str:
        return "visit" if self.over else "event"

    def key(self, clinic: Clinic) -> str:
        return clinic.book.key("vis" if self.over else "evt", self.number)


def write_schedule(clinic: Clinic) -> None:
    """Two appointments of every ordinary person: one long over, one to come or just over."""
    random, visits = Random("schedule"), clinic.visits
    for person in clinic.world.people:
        for coming in (False, True):
            since = TODAY + timedelta(days=2) if coming else person.first_visit
            day = since + timedelta(days=random.randrange(60 if coming else 1500))
            status = random.choice([*(COMING if coming else OVER)])
            visit = Visit(
                number=200_001 + len(visits),
                person=person,
                start=datetime.combine(day, _hour(random)),
                status=status,
                length=random.choice([15, 45, 60, 90]),
                told=random.choice(["minutes", "end", "both"]),
                provider=random.choice([person.provider.code, "H1", ""]),
                type=random.choice(TYPES),
                reason=random.choice(REASONS),
                notes=random.choice(['Bring x-rays;\nask for the "old" bridge', "", ""]),
                created=datetime.combine(day, time(10, 5)) - timedelta(days=30),
                created_by=random.choice(ORDINARY_OWNERS),
            )
            write_visit(clinic, visit)
            expect_visit(clinic, visit)
            visits.append(visit)


def _hour(random: Random) -> time:
    return time(random.randint(7, 17), random.choice([0, 15, 40]))


def write_visit(clinic: Clinic, visit: Visit) -> Row:
    ends = visit.start + timedelta(minutes=visit.length)
    cells = {
        "appt_id": visit.number,
        "patient_id": visit.person.number if visit.person else "",
        "provider_id": visit.provider,
        "operatory": f"OP-{visit.number % 4}",
        "date": visit.start.date(),
        "start_time": visit.start.time(),
        "end_time": ends.time() if visit.told != "minutes" else "",
        "minutes": visit.length if visit.told != "end" else "",
        "type": visit.type,
        "status": visit.status,
        "reason": visit.reason,
        "notes": visit.notes,
        "created": visit.created,
        "created_by": visit.created_by,
    }
    return clinic.book.row("appointments", **cells | visit.cells)


def expect_visit(clinic: Clinic, visit: Visit, **different: Any) -> Fields:
    """The event, or the task once it is over."""
    start = clinic.utc(visit.start)
    slot = (start, start + timedelta(minutes=visit.length))
    what = f" {EN_DASH} ".join(
        part
        for part in (visit.person.name if visit.person else "", visit.type or visit.reason)
        if part
    )
    status = {**COMING, **OVER}[visit.status]
    fields: Fields = {
        "Subject": what,
        "Operatory__c": f"OP-{visit.number % 4}",
        "Appointment_Type__c": visit.type,
        "Appointment_Status__c": status,
        "Description": "\n".join(part for part in (visit.reason, visit.notes) if part),
        "Original_Create_Date__c": clinic.utc(visit.created),
        **to("Clinical_Note__c", None),
        **clinic.whose("WhatId", visit.person),
        **clinic.provider(visit.provider),
        **clinic.owner(visit.created_by),
    }
    if visit.over:
        fields |= {
            "ActivityDate": visit.start.date(),
            "Status": "Completed" if status == "Completed" else "Deferred",
            "Original_Start__c": slot[0],
            "Original_End__c": slot[1],
        }
    else:
        fields |= {
            "StartDateTime": slot[0],
            "EndDateTime": slot[1],
            "Location": f"OP-{visit.number % 4}",
        }
    return clinic.book.record(visit.step, visit.key(clinic), fields | different)


def visit(clinic: Clinic, change: Fields | None = None, **different: Any) -> tuple[Visit, Row]:
    """An appointment, scheduled if not said otherwise, with `change` in its row; its patient is
    somebody new unless told."""
    person = different.pop("person", None) or plant(clinic)
    start = different.pop("start", datetime(2026, 12, 2, 9, 0))
    status = different.pop("status", "SCHEDULED")
    number = clinic.number("appointments", 290_001)
    planted = Visit(number, person, start, status, cells=change or {}, **different)
    row = write_visit(clinic, planted)
    expect_visit(clinic, planted)
    return planted, row


@dataclass(eq=False)
class Task:
    """One line of the practice's list of things to do."""

    number: int
    person: Person | None
    type: str
    subject: str
    due: date | datetime | None
    done: date | datetime | None = None
    status: str = ""
    interval: str = ""
    assigned_to: str = "U1"
    notes: str = ""
    created: datetime = datetime(2024, 1, 8, 9, 12)
    cells: Fields = field(default_factory=dict)

    def key(self, clinic: Clinic) -> str:
        return clinic.book.key("tsk", self.number)


SUBTYPES = {"CALL": "Call", "EMAIL": "Email"}
STATUSES = {
    "OPEN": "Not Started",
    "pending": "Not Started",
    "": "Not Started",
    "In Progress": "In Progress",
    "Waiting": "Waiting on someone else",
    "DEFERRED": "Deferred",
    "Cancelled": "Deferred",
    "Done": "Completed",
}
RECALL_SUBJECTS = [
    "Recall - hygiene",
    "6 month check-up",
    "Recare letter",
    "6-month cleaning due",
    "12 MONTH PROPHY",
]
INTERVALS = {
    "6M": "6 months",
    "1Y": "1 year",
    "2W": "2 weeks",
    "180": "180 days",
    "6 months": "6 months",
    "": None,
}


def write_tasks(clinic: Clinic) -> None:
    """A recall of every second ordinary person, under its type or hidden in a subject; something
    else of every third."""
    random = Random("tasks")
    for person in clinic.world.people:
        day = person.first_visit + timedelta(days=random.randrange(1500))
        if person.number % 2 == 0:
            kind = random.choice(["RECALL", "HYGIENE", "OTHER", "CALL", ""])
            hidden = kind not in ("RECALL", "HYGIENE")
            task = _task(random, clinic, person, kind, day)
            subjects = RECALL_SUBJECTS if hidden else ["Six months are over", ""]
            task.subject = random.choice(subjects)
            task.interval = random.choice([*INTERVALS])
            write_task(clinic, task)
            expect_recall(clinic, task)
        if person.number % 3 == 0:
            kind = random.choice(["CALL", "EMAIL", "MEETING", "OTHER", ""])
            task = _task(random, clinic, person, kind, day)
            task.subject = random.choice(["Confirm appointment", "Ask about the bill", "Lab case"])
            write_task(clinic, task)
            expect_activity(clinic, task)


def _task(random: Random, clinic: Clinic, person: Person, kind: str, day: date) -> Task:
    at = datetime.combine(day, time(random.randint(8, 17), random.choice([0, 20, 45])))
    done = random.choice([None, None, day + timedelta(days=2), at + timedelta(days=1, hours=1)])
    return Task(
        number=clinic.number("tasks", 300_001),
        person=person,
        type=kind,
        subject="",
        due=random.choice([day, at]),
        done=done,
        status=random.choice([*STATUSES]) if done is None else random.choice(["OPEN", "Done"]),
        assigned_to=random.choice(ORDINARY_OWNERS),
        notes=random.choice(["", "Left a message.\nCalls back."]),
        created=at - timedelta(days=90),
    )


def write_task(clinic: Clinic, task: Task) -> Row:
    cells = {
        "task_id": task.number,
        "patient_id": task.person.number if task.person else "",
        "task_type": task.type,
        "subject": task.subject,
        "due_date": task.due,
        "completed_date": task.done,
        "interval": task.interval,
        "assigned_to": task.assigned_to,
        "status": task.status,
        "notes": task.notes,
        "created": task.created,
    }
    return clinic.book.row("tasks", **cells | task.cells)


def _timed(clinic: Clinic, written: date | datetime | None) -> datetime | None:
    return clinic.utc(written) if isinstance(written, datetime) else None


def _day(written: date | datetime | None) -> date | None:
    return written.date() if isinstance(written, datetime) else written


def _either(clinic: Clinic, task: Task) -> Fields:
    due = task.due if task.due is not None else task.done
    return {
        "ActivityDate": _day(due),
        "Original_Completed__c": _timed(clinic, task.done),
        "Original_Create_Date__c": clinic.utc(task.created),
        **clinic.whose("WhatId", task.person),
        **clinic.owner(task.assigned_to),
    }


def expect_recall(clinic: Clinic, task: Task, **different: Any) -> Fields:
    done = task.done is not None or STATUSES.get(task.status) == "Completed"
    fields: Fields = {
        "Subject": "Recall Due",
        "Status": "Completed" if done else "Not Started",
        "Recall_Interval__c": INTERVALS.get(task.interval),
        "Description": "\n".join(part for part in (task.subject, task.notes) if part),
        **_either(clinic, task),
    }
    return clinic.book.record("recall", task.key(clinic), fields | different)


def expect_activity(clinic: Clinic, task: Task, **different: Any) -> Fields:
    status = "Completed" if task.done is not None else STATUSES.get(task.status, "Not Started")
    fields: Fields = {
        "Subject": task.subject,
        "TaskSubtype": SUBTYPES.get(task.type, "Task"),
        "Status": status,
        "Description": task.notes,
        "Original_Start__c": _timed(clinic, task.due),
        **_either(clinic, task),
    }
    return clinic.book.record("activity", task.key(clinic), fields | different)


def task(clinic: Clinic, change: Fields | None = None, **different: Any) -> tuple[Task, Row]:
    """A call with somebody new if not said otherwise, with `change` in its row; nothing is
    expected of it yet."""
    told: Fields = {
        "type": "CALL",
        "subject": "Confirm",
        "due": datetime(2026, 12, 3, 9, 30),
        "status": "OPEN",
    }
    told |= different
    if "person" not in told:
        told["person"] = plant(clinic)
    planted = Task(number=clinic.number("tasks", 300_001), cells=change or {}, **told)
    return planted, write_task(clinic, planted)
