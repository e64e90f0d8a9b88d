"""What was written down of the patients: short notes, and some that no field holds."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.expect import by
from tests.python.practice.plans import Case
from tests.python.practice.world import Person, Provider, World
from tests.python.practice.write_ascend import ref

BODIES = [
    "Exam and cleaning. No new findings.",
    'Pt says "it only hurts when I laugh"; advised to floss.\nNext visit: 6 months.',
    "BP 128/82, consent signed; 2% lidocaine, 1.8 ml.\n\n  #14 MOD, shade A2.",
    "Patient declined x-rays today, see the form.",
]


@dataclass(eq=False)
class Note:
    """One clinical note, by the practice's own clock."""

    number: int
    person: Person
    provider: Provider | None
    written: datetime
    signed: datetime | None
    text: str
    case: Case | None = None

    def key(self, book: Book, part: int = 1) -> str:
        source_id = book.id(self.number)
        return book.key("note", source_id if part == 1 else f"{source_id}-{part}")


def chart(world: World, cases: list[Case]) -> list[Note]:
    """Two notes on every ordinary person, some of them on a plan."""
    random = Random("notes")
    notes: list[Note] = []
    planned = {case.person.number: case for case in cases}
    for person in world.people:
        for at in range(2):
            written = datetime.combine(
                person.first_visit + timedelta(days=at * 180 + random.randrange(90)),
                time(random.randint(7, 21), random.randrange(60), random.randrange(60)),
            )
            notes.append(
                Note(
                    number=300_001 + len(notes),
                    person=person,
                    provider=person.provider if random.random() < 0.9 else None,
                    written=written,
                    signed=written + timedelta(hours=2) if random.random() < 0.5 else None,
                    text=f"{random.choice(BODIES)} ({person.number})",
                    case=planned.get(person.number) if at else None,
                )
            )
    return notes


def write_notes(book: Book, world: World, notes: list[Note]) -> None:
    """Every note and its record."""
    for note in notes:
        write_note(book, world, note)
        expect_note(book, world, note)


def write_note(book: Book, world: World, note: Note, **different: Any) -> Row:
    """A note's row, with these cells otherwise."""
    if book.ascend:
        cells: Row = {
            "id": book.id(note.number),
            "datedAs": world.utc(note.written),
            "text": note.text,
            "signedDate": world.utc(note.signed) if note.signed else None,
            "provider": ref("Provider", note.provider.id(book) if note.provider else None),
            "patient": ref("Patient", note.person.id(book)),
        }
        return book.row("clinicalnotes", **cells | different)
    cells = {
        "automodifiedtimestamp": note.written,
        "cnotesid": note.number,
        "patid": note.person.number,
        "provid": note.provider.code if note.provider else "",
        "createdatetime": note.written,
        "entrydatetime": note.written + timedelta(minutes=9),
        "lockeddate": note.signed or "",
        "notetext": note.text,
        "txcaseid": note.case.number if note.case else 0,
    }
    return book.row("clinicalnote", **cells | different)


def expect_note(book: Book, world: World, note: Note) -> Fields:
    """The record of a note that one field holds."""
    return book.record(
        "note", note.key(book), said(book, world, note), Body__c=note.text, Part__c=1
    )


def said(book: Book, world: World, note: Note) -> Fields:
    """What every part of a note has; Ascend ties no note to a plan."""
    plan = book.key("plan", note.case.number) if note.case and not book.ascend else None
    return {
        "Note_Date__c": note.written.date(),
        "Original_Note_Date__c": world.utc(note.written),
        "Signed__c": note.signed is not None,
        **to("Contact__c", note.person.key(book)),
        **to("Treatment_Plan__c", plan),
        **by(book, note.provider),
    }
