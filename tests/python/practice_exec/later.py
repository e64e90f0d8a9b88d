"""What the large practice's next full set has otherwise: rows changed, added, mended and gone."""

from dataclasses import dataclass, field

from tests.python.practice.book import Row
from tests.python.practice_exec import chart, money, schedule
from tests.python.practice_exec.clinic import Clinic
from tests.python.practice_exec.defects import held_back_patient
from tests.python.practice_exec.people import patient_row, plant
from tests.python.practice_exec.schedule import Visit, expect_visit

EXTRACTED_AT = "2026-11-27T02:00:00-06:00"


@dataclass
class Later:
    """What a run must then do: the records it must send besides those that are new, those that
    another takes the place of, and those that stay though their rows are gone."""

    sent: set[tuple[str, str]] = field(default_factory=set)
    superseded: set[tuple[str, str]] = field(default_factory=set)
    gone: set[tuple[str, str]] = field(default_factory=set)


def mendable(clinic: Clinic, later: Later | None) -> None:
    """Someone held back with all they have, until their name is filled in."""
    person = plant(clinic) if later else held_back_patient(clinic)
    visit, row = schedule.visit(clinic, person=person)
    entry, entered = money.entry(clinic, person=person)
    if not later:
        cls, book = "parent_held_back", clinic.book
        book.held_back(cls, "event", visit.key(clinic), table="appointments", row=row)
        book.held_back(cls, "billing", entry.key(clinic), table="billing", row=entered)


def change(clinic: Clinic, later: Later) -> None:
    """Changes the rows and what is expected of them."""
    _visits(clinic, later)
    _person(clinic, later)
    _gone(clinic, later)
    newcomer = plant(clinic)
    schedule.visit(clinic, person=newcomer, status="COMPLETED")
    task, _ = schedule.task(clinic, person=newcomer)
    schedule.expect_activity(clinic, task)
    done, _ = money.work(clinic, person=newcomer)
    money.entry(clinic, person=newcomer, work=done)
    chart.note(clinic, person=newcomer)
    chart.doc(clinic, person=newcomer)


def _visits(clinic: Clinic, later: Later) -> None:
    """An appointment is over, another is to come again; what was noted follows."""
    pointed_at = {str(row["appt_id"]) for row in clinic.book.rows["notes"] if row.get("appt_id")}
    kinds = ((False, False), (False, True), (True, False), (True, True))
    turned = [
        next(
            visit
            for visit in clinic.visits
            if visit.over is over and (str(visit.number) in pointed_at) is noted
        )
        for over, noted in kinds
    ]
    for (over, _), visit in zip(kinds, turned, strict=True):
        _turn(clinic, later, visit, "SCHEDULED" if over else "COMPLETED")
    # Another hour changes the event, and nothing else.
    visit = next(visit for visit in reversed(clinic.visits) if not visit.over)
    visit.start = visit.start.replace(hour=6, minute=5)
    visit.told = "minutes"
    row = _row(clinic, visit)
    row.update(start_time="6:05 AM", end_time="", minutes=visit.length)
    note = clinic.book.records["event", visit.key(clinic)]["Clinical_Note__r.Migration_Key__c"]
    expect_visit(clinic, visit, **{"Clinical_Note__r.Migration_Key__c": note})
    later.sent.add(("event", visit.key(clinic)))


def _row(clinic: Clinic, visit: Visit) -> Row:
    return clinic.book.find("appointments", appt_id=visit.number)


def _turn(clinic: Clinic, later: Later, visit: Visit, status: str) -> None:
    """Gives an appointment the other kind of status."""
    book, before = clinic.book, (visit.step, visit.key(clinic))
    note = book.records[before]["Clinical_Note__r.Migration_Key__c"]
    book.no_record(*before)
    later.superseded.add(before)
    _row(clinic, visit)["status"] = visit.status = status
    expect_visit(clinic, visit, **{"Clinical_Note__r.Migration_Key__c": note})
    for key, fields in list(book.records.items()):
        if key[0] == "note" and fields.get("Visit_Key__c") == before[1]:
            book.record(*key, Visit_Key__c=visit.key(clinic))
            later.sent.add(key)


def _person(clinic: Clinic, later: Later) -> None:
    """A nickname more, an e-mail address less."""
    person = next(person for person in clinic.world.people if person.email)
    patient_row(clinic, person).update(nickname="Changed", email="")
    key = person.key(clinic.book)
    clinic.book.record("patient", key, Preferred_Name__c="Changed", Email__c=None)
    later.sent.add(("patient", key))


def _gone(clinic: Clinic, later: Later) -> None:
    """Rows that nobody exports any more: their records stay until someone says otherwise."""
    for table, column, kind, steps in (
        ("tasks", "task_id", "tsk", ("recall", "activity")),
        ("docs", "doc_id", "file", ("file",)),
        ("prospects", "prospect_id", "lead", ("lead",)),
    ):
        row = clinic.book.rows[table].pop(0)
        key = clinic.book.key(kind, row[column])
        [step] = [step for step in steps if (step, key) in clinic.book.records]
        later.gone.add((step, key))
