"""What is wrong, or only odd, with appointments, notes and the journal of a G-series practice:
people of their own for each, so that what must come of it can be said in a line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.python.practice.appointments import Visit, expect_visit, write_visit
from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.expect import UNKNOWN, Such, holding, one_of
from tests.python.practice.journal import Contact, expect_contact, write_contact
from tests.python.practice.messes_of_money import NOWHERE, held_back_patient
from tests.python.practice.notes import Note, expect_note, said, write_note
from tests.python.practice.people import plant
from tests.python.practice.world import World

NINE = datetime(2026, 4, 14, 9, 0)
SPRING, AUTUMN = datetime(2026, 3, 8, 2, 30), datetime(2025, 11, 2, 1, 30)
WHOLE, PART = 32_768, 32_000
# Text of the world's scripts and what files should not hold: a dog, Hebrew, Arabic, an accent on
# its own, and a NUL, a bell and a form feed, of which only the letters load.
SCRIPTS = "Loves her \N{DOG FACE}\N{TOOTH} שלום مرحبا e\N{COMBINING ACUTE ACCENT}"


def plant_visits(book: Book, world: World) -> None:
    """Plants everything this module knows of appointments."""
    _clocks(book, world)
    _lengths(book, world)
    _nobody(book, world)
    _words(book, world)
    _gone(book, world)
    _unreadable(book, world)


def visit(book: Book, world: World, change: Fields | None = None, **different: Any) -> Visit:
    """An appointment of someone, its row with these cells changed, and what comes of it were
    nothing wrong. The row: `visit_row`."""
    person = different.pop("person", None) or plant(book, world)
    ordinary = Visit(
        number=book.number("appt", 950_001),
        person=person,
        start=NINE,
        minutes=30,
        operatory="OP-1",
        provider=world.providers[1],
        type=1,
        status=1,
        broken=0,
        reason="PerEx",
        note="",
        created=datetime(2026, 1, 5, 16, 0),
    )
    planted = replace(ordinary, **different)
    write_visit(book, world, planted, **(change or {}))
    expect_visit(book, world, planted)
    return planted


def visit_row(book: Book, planted: Visit) -> Row:
    return next(row for row in reversed(book.rows["appt"]) if row["apptid"] == planted.number)


def _at(book: Book, planted: Visit) -> dict[str, Any]:
    return {"table": "appt", "row": visit_row(book, planted)}


def _left_out(
    book: Book, planted: Visit, cls: Any, field: str, expected: Fields | None = None
) -> None:
    """One field of an appointment stays empty, which is reported."""
    book.record("event", planted.key(book), {field: None} if expected is None else expected)
    book.problem(cls, planted.key(book), field, **_at(book, planted))


def _clocks(book: Book, world: World) -> None:
    """A time the clocks left out, a time that came twice, and lengths across both."""
    for start in (SPRING, AUTUMN):
        planted = visit(book, world, start=start)
        book.problem("adjusted", planted.key(book), **_at(book, planted))
    for start in (SPRING - timedelta(hours=1), AUTUMN - timedelta(hours=1)):
        visit(book, world, start=start, minutes=90)
    visit(book, world, start=datetime(2026, 7, 1, 23, 30), minutes=120)
    visit(book, world, start=datetime(2026, 1, 1, 0, 0))


def _lengths(book: Book, world: World) -> None:
    """No length, negative ones, and two weeks, the longest an event may be."""
    planted = visit(book, world, {"apptlen": 0}, minutes=15)
    book.problem("adjusted", planted.key(book), **_at(book, planted))
    visit(book, world, minutes=14 * 24 * 60)
    for minutes in (-30, 14 * 24 * 60 + 1):
        planted = visit(book, world, minutes=minutes)
        book.held_back("out_of_range", "event", planted.key(book), **_at(book, planted))


def _nobody(book: Book, world: World) -> None:
    """New patients without a row of their own, times kept free, and patients who are not there."""
    for name, words in (("Novak, Petra", ("Petra", "Novak")), ("Kim", ("Kim",))):
        planted = visit(book, world, {"patid": 0, "patname": name, "phone": "3125550111"})
        new = {"Subject": holding(*words), **to("WhoId", None)}
        book.record("event", planted.key(book), new)
        book.problem("missing_required", planted.key(book), "WhoId", **_at(book, planted))
    for name in ("", "    "):
        planted = visit(book, world, {"patid": 0, "patname": name, "apptreason": "LUNCH"})
        book.no_record("event", planted.key(book))
        book.skipped("appt", visit_row(book, planted), "block")
    lost = visit(book, world, {"patid": NOWHERE})
    book.held_back("orphan", "event", lost.key(book), "WhoId", **_at(book, lost))
    person, _ = held_back_patient(book, world)
    planted = visit(book, world, person=person)
    book.held_back("parent_held_back", "event", planted.key(book), "WhoId", **_at(book, planted))


def _words(book: Book, world: World) -> None:
    """Codes without a meaning, rooms without a title, providers who are not there."""
    planted = visit(book, world, {"status": 77})
    _left_out(book, planted, UNKNOWN, "Appointment_Status__c")
    planted = visit(book, world, {"appttype": 66})
    _left_out(book, planted, UNKNOWN, "Appointment_Type__c")
    planted = visit(book, world, {"opid": "OP-9"})
    _left_out(book, planted, "orphan", "Operatory__c", {"Operatory__c": None, "Location": None})
    book.row("operatory", op_id="OP-4", op_title="   ")
    planted = visit(book, world, {"opid": "OP-4"})
    book.record("event", planted.key(book), Operatory__c="OP-4", Location="OP-4")
    planted = visit(book, world, {"provid": "ZZZ"}, provider=None)
    _left_out(book, planted, "orphan", "Provider_Contact__c", {})
    for broken, word in ((1, "Broken"), (2, "Will Call")):
        cells = {"apptbrokenclass": broken, "brokendate": NINE.date()}
        planted = visit(book, world, cells)
        book.record("event", planted.key(book), Appointment_Status__c=word)
    planted = visit(book, world, {"note": SCRIPTS + "\x00\x07"}, note=SCRIPTS)
    planted = visit(book, world, {"note": "n" * 40_000})
    _left_out(book, planted, "too_long", "Description", {"Description": one_of(None, "PerEx")})
    # Of the procedures an appointment is for, no field of the record tells.
    cells = {"codeid1": NOWHERE, "codetype1": 1, "codeid2": 101, "codetype2": 0}
    book.may_report(visit_row(book, visit(book, world, cells)))


def _gone(book: Book, world: World) -> None:
    """Appointments whose deletion only the history tells of."""
    for deleted in (1, 0):
        planted = visit(book, world)
        book.row(
            "appthist",
            apptid=planted.number,
            parentapptid=planted.number,
            modifieddate=datetime(2026, 2, 2, 10, 0),
            status="FIRM",
            deletedflag=deleted,
        )
        if deleted:
            book.no_record("event", planted.key(book))
            book.skipped("appt", visit_row(book, planted), "delet")


def _unreadable(book: Book, world: World) -> None:
    """Days and hours that are none hold an appointment back; the day it was made does not."""
    for cells, cls in (
        ({"apptdate": ""}, "missing_required"),
        ({"apptdate": "9999-12-31"}, "missing_required"),
        ({"apptdate": "2026-02-30"}, "unreadable_date"),
        ({"timehr": 25}, one_of("unreadable_date", "unreadable_number", "out_of_range")),
        ({"timemin": "half"}, one_of("unreadable_date", "unreadable_number")),
    ):
        planted = visit(book, world, cells)
        book.held_back(cls, "event", planted.key(book), **_at(book, planted))
    planted = visit(book, world, {"createdate": "whenever"})
    _left_out(book, planted, "unreadable_date", "Original_Create_Date__c")


def plant_notes(book: Book, world: World) -> None:
    """Plants everything this module knows of notes."""
    for text in (
        "a" * WHOLE,
        "b" * (WHOLE - 2) + "\N{TOOTH}",
        SCRIPTS,
        'He said ""mint"" | floss; then\n\n"pain, left"\n\tstop.',
    ):
        note(book, world, text=text)
    for text, parts in (
        (numbered(40_000), 2),
        ("c" * WHOLE + "d", 2),
        ("e" * (PART - 1) + "\N{TOOTH}" * 4_000, 2),
        (numbered(PART - 20) + " " * 40 + numbered(8_000), 2),
        ("\N{DOG FACE}" * 40_000, 3),
        (numbered(100_000), 4),
    ):
        _long(book, world, text, parts)
    note(book, world, {"notetext": "Exam\x00ined, \x07well."}, text="Examined, well.")
    note(book, world, {"lockeddate": "9999-12-31 00:00:00"}, signed=None)
    note(book, world, {"lockeddate": "1899-12-30"}, signed=None)
    planted = note(book, world, written=SPRING)
    book.may_report(note_row(book, planted))
    _held_back_notes(book, world)
    for cells, field in (
        ({"provid": "ZZZ"}, "Provider_Contact__c"),
        ({"txcaseid": NOWHERE}, "Treatment_Plan__c"),
    ):
        planted = note(book, world, cells, provider=None)
        where: dict[str, Any] = {"table": "clinicalnote", "row": note_row(book, planted)}
        book.problem("orphan", planted.key(book), field, **where)


def note(book: Book, world: World, change: Fields | None = None, **different: Any) -> Note:
    """A note on someone, as `visit`."""
    person = different.pop("person", None) or plant(book, world)
    provider = different.pop("provider", world.providers[1])
    number = book.number("clinicalnote", 950_001)
    planted = replace(Note(number, person, provider, NINE, NINE, "Exam."), **different)
    write_note(book, world, planted, **(change or {}))
    expect_note(book, world, planted)
    return planted


def note_row(book: Book, planted: Note) -> Row:
    return next(
        row for row in reversed(book.rows["clinicalnote"]) if row["cnotesid"] == planted.number
    )


def numbered(length: int) -> str:
    """A text of that length of which no two stretches are equal."""
    return " ".join(f"w{at:05d}" for at in range(length // 7 + 1))[: length - 1] + "."


def _long(book: Book, world: World, text: str, parts: int) -> None:
    """A note of several records, which joined are the note."""
    planted = note(book, world, text=text)
    seen: dict[int, str] = {}
    for part in range(1, parts + 1):
        body = Such(f"part {part} of {parts}", piece(text, part, parts, seen))
        key = planted.key(book, part)
        book.record("note", key, said(book, world, planted), Body__c=body, Part__c=part)


def piece(text: str, part: int, parts: int, seen: dict[int, str]) -> Callable[[Any], bool]:
    """Whether a text is the next piece: not too long, blank at neither end, and the last one ends
    where the note does. The pieces are asked for in the order of their keys."""

    def passes(got: Any) -> bool:
        here = seen[part] = str(got or "")
        before = "".join(seen.get(at, "") for at in range(1, part))
        fits = len(here.encode("utf-16-le", "surrogatepass")) // 2 <= PART
        goes_on = text.startswith(before + here) and here == here.strip() != ""
        return fits and goes_on and (part < parts or before + here == text)

    return passes


def _held_back_notes(book: Book, world: World) -> None:
    """Notes without a day, of nobody, of someone who is not there or was held back."""
    held_back, _ = held_back_patient(book, world)
    for cells, cls, different in (
        ({"createdatetime": ""}, "missing_required", {}),
        ({"createdatetime": "0001-01-01 00:00:00"}, "missing_required", {}),
        ({"createdatetime": "noon"}, "unreadable_date", {}),
        ({"patid": 0}, one_of("missing_required", "orphan"), {}),
        ({"patid": NOWHERE}, "orphan", {}),
        ({}, "parent_held_back", {"person": held_back}),
    ):
        planted = note(book, world, cells, **different)
        where: dict[str, Any] = {"table": "clinicalnote", "row": note_row(book, planted)}
        book.held_back(cls, "note", planted.key(book), **where)


def plant_journal(book: Book, world: World) -> None:
    """Plants everything this module knows of the Office Journal."""
    once = contact(book, world)
    for _ in range(2):
        number = book.number("contact", 950_001)
        book.row("contact", **contact_row(book, once) | {"contactid": number})
    contact(book, world, person=once.person, title="Not the same")
    nobody = contact(book, world, {"patid": 0})
    book.record("activity", nobody.key(book), to("WhoId", None))
    held_back, _ = held_back_patient(book, world)
    lost = contact(book, world, {"patid": NOWHERE})
    gone = contact(book, world, person=held_back)
    for planted, cls in ((lost, "orphan"), (gone, "parent_held_back")):
        book.held_back(cls, "activity", planted.key(book), "WhoId", **_entry(book, planted))
    _odd_entries(book, world)


def _odd_entries(book: Book, world: World) -> None:
    """Cells that are odd or wrong; the entry loads without them."""
    unread = one_of("unreadable_date", "unreadable_number", "out_of_range")
    when, start = "ActivityDate", "Original_Start__c"
    for cells, cls, field, expected in (
        ({"contactdate": ""}, None, when, {when: None, start: None}),
        ({"contactdate": "a Monday"}, "unreadable_date", when, {when: None, start: None}),
        ({"contacttime": 1500}, unread, start, {start: None}),
        ({"contacttime": "25:99"}, unread, start, {start: None}),
        ({"contacttime": "whenever"}, unread, start, {start: None}),
        ({"provid": "ZZZ"}, "orphan", "Provider_Contact__c", {}),
        ({"title": "t" * 256}, "too_long", "Subject", {"Subject": None}),
        ({"note": "n" * 40_000}, "too_long", "Description", {"Description": None}),
    ):
        planted = contact(book, world, cells)
        book.record("activity", planted.key(book), expected)
        book.may_report(contact_row(book, planted))
        if cls:
            book.problem(cls, planted.key(book), field, **_entry(book, planted))
    planted = contact(book, world, {"contacttype": "carrier pigeon"})
    del book.records["activity", planted.key(book)]["TaskSubtype"]
    book.problem("not_in_picklist", planted.key(book), **_entry(book, planted))
    for text, hour, minute in (("0", 0, 0), ("00:00", 0, 0), ("1439", 23, 59), ("7:05", 7, 5)):
        at = NINE.replace(hour=hour, minute=minute)
        contact(book, world, {"contacttime": text}, at=at)
    planted = contact(book, world, at=SPRING)
    book.may_report(contact_row(book, planted))


def contact(book: Book, world: World, change: Fields | None = None, **different: Any) -> Contact:
    """A journal entry about someone, as `visit`."""
    person = different.pop("person", None) or plant(book, world)
    number = book.number("contact", 950_001)
    planted = replace(Contact(number, person, None, NINE, "Called", "call", ""), **different)
    write_contact(book, planted, **(change or {}))
    expect_contact(book, world, planted)
    return planted


def contact_row(book: Book, planted: Contact) -> Row:
    return book.find("contact", contactid=planted.number)


def _entry(book: Book, planted: Contact) -> dict[str, Any]:
    return {"table": "contact", "row": contact_row(book, planted)}
