"""What is wrong, or only odd, with the care of an Ascend practice: people of their own for each."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.python.practice.alerts import ITEMS, Alert, Item, expect_alerts, write_item, write_link
from tests.python.practice.appointments import Visit, expect_visit, write_visit
from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.expect import UNKNOWN, holding, one_of
from tests.python.practice.images import Image, expect_image, write_image
from tests.python.practice.ledger import Entry, expect_entry, write_entry
from tests.python.practice.notes import Note, expect_note, write_note
from tests.python.practice.people import plant
from tests.python.practice.plans import (
    CODES,
    Case,
    Code,
    Work,
    expect_plan,
    expect_work,
    plan_key,
    write_case,
    write_work,
)
from tests.python.practice.world import World
from tests.python.practice.write_ascend import ref

DAY = date(2024, 5, 6)
NINE = datetime(2024, 5, 6, 9, 0)
NOWHERE = "1000000999999"


def plant_all(book: Book, world: World) -> None:
    """Plants everything this module knows."""
    _transactions(book, world)
    _procedures(book, world)
    _plans(book, world)
    _appointments(book, world)
    _notes(book, world)
    _alerts(book, world)
    _documents(book, world)


def _entry(book: Book, world: World, change: Fields, **different: Any) -> tuple[Entry, Row]:
    person = plant(book, world)
    number = book.number("transactions", 970_001)
    ordinary = Entry(number, "payment", person, DAY, NINE, Decimal("-40.00"), person.family)
    entry = replace(ordinary, **different)
    row = write_entry(book, entry)
    row.update(change)
    expect_entry(book, entry)
    return entry, row


def _transactions(book: Book, world: World) -> None:
    """What was taken back is skipped; a word without a meaning is reported."""
    for change in ({"isVoided": True}, {"isDeleted": True}):
        entry, row = _entry(book, world, change)
        book.no_record("ledger", entry.key(book))
        book.skipped("transactions", row, "")
    entry, row = _entry(book, world, {"type": "Hocus pocus"})
    # Left out, or an adjustment as G-series' unknown classes are: the rules say either.
    book.record("ledger", entry.key(book), Transaction_Type__c=one_of(None, "Adjustment"))
    book.problem(
        "not_in_picklist", entry.key(book), "Transaction_Type__c", table="transactions", row=row
    )
    for cells, cls in (
        ({"patientId": NOWHERE}, "orphan"),
        ({"date": None}, "missing_required"),
        ({"amount": None}, "missing_required"),
        ({"amount": "a lot"}, "unreadable_number"),
    ):
        entry, row = _entry(book, world, cells)
        book.held_back(cls, "ledger", entry.key(book), table="transactions", row=row)
    for kind, amount in (("payment", "15.00"), ("adjustment", "-3.00"), ("opening", "80.00")):
        _entry(book, world, {}, kind=kind, amount=Decimal(amount))


def _work(book: Book, world: World, change: Fields, **different: Any) -> tuple[Work, Row]:
    person = different.pop("person", None) or plant(book, world)
    number = book.number("patientprocedures", 970_001)
    provider = world.providers[1]
    ordinary = Work(number, person, CODES[0], "Completed", DAY, NINE, CODES[0].fee, provider)
    work = replace(ordinary, **different)
    row = write_work(book, work)
    row.update(change)
    expect_work(book, work)
    if (plan := plan_key(book, work)) and not work.case:
        expect_plan(book, plan, person, [work])
    return work, row


def _procedures(book: Book, world: World) -> None:
    """Only active ones load; a code of the practice's own is none of CDT's."""
    for state in ("CANCELLED", "INVALIDATED"):
        for status in ("Completed", "Planned"):
            work, row = _work(book, world, {"state": state}, status=status)
            book.no_record("procedure", work.key(book))
            book.no_record("plan", str(plan_key(book, work)))
            book.skipped("patientprocedures", row, "")
    code = Code(901, "C9017", "Whitening strips", Decimal("15.00"))
    listed = book.row(
        "practiceprocedures", id=code.id(book), adaCode=code.code, description=code.words
    )
    work, row = _work(book, world, {}, code=code, fee=code.fee)
    book.record("procedure", work.key(book), CDT_Code__c=None)
    where: dict[str, Any] = {"table": "patientprocedures", "row": row, "or_row": listed}
    book.problem("invalid_code", work.key(book), "CDT_Code__c", **where)
    work, row = _work(book, world, {"patient": ref("Patient", NOWHERE)})
    book.held_back("orphan", "procedure", work.key(book), table="patientprocedures", row=row)
    work, row = _work(book, world, {"serviceDate": None, "startDate": None, "endDate": None})
    book.held_back(
        "missing_required", "procedure", work.key(book), table="patientprocedures", row=row
    )
    work, row = _work(book, world, {"renderingProvider": ref("Provider", NOWHERE)}, provider=None)
    book.problem("orphan", work.key(book), table="patientprocedures", row=row)


def _plans(book: Book, world: World) -> None:
    """A status in words, known and unknown; a plan of nobody's."""
    for change, cls in (
        ({"status": "DAYDREAM"}, "not_in_picklist"),
        ({"patient": ref("Patient", NOWHERE)}, "orphan"),
    ):
        number = book.number("txcases", 970_001)
        case = Case(number, plant(book, world), "Crowns", NINE, "Proposed", None)
        row = write_case(book, case)
        row.update(change)
        key = book.key("plan", book.id(number))
        if cls == "orphan":
            book.held_back(cls, "plan", key, "Contact__c", table="txcases", row=row)
            continue
        work, _ = _work(book, world, {}, person=case.person, case=case, status="Planned")
        expect_plan(book, key, case.person, [work])
        book.record("plan", key, Name="Crowns", Status__c=None)
        book.problem(cls, key, "Status__c", table="txcases", row=row)


def _visit(book: Book, world: World, change: Fields, **different: Any) -> tuple[Visit, Row]:
    ordinary = Visit(
        number=book.number("appointments", 970_001),
        person=plant(book, world),
        start=NINE,
        minutes=30,
        operatory="OP-1",
        provider=world.providers[1],
        type=0,
        status=1,
        broken=0,
        reason="Exam",
        note="",
        created=NINE - timedelta(days=40),
    )
    visit = replace(ordinary, **different)
    row = write_visit(book, world, visit)
    row.update(change)
    expect_visit(book, world, visit)
    return visit, row


def _appointments(book: Book, world: World) -> None:
    """Statuses, nobody, ends before the start, and rooms that are not there."""
    for word, said in (
        ("NO_SHOW", one_of("No Show", "Broken")),
        ("LATE", "Late"),
        ("CHAIR", "Chair"),
        ("BROKEN", "Broken"),
    ):
        visit, _ = _visit(book, world, {"status": word})
        book.record("event", visit.key(book), Appointment_Status__c=said)
    visit, row = _visit(book, world, {"patient": ref("Patient", NOWHERE)})
    book.held_back("orphan", "event", visit.key(book), table="appointments", row=row)
    for change, cls in (
        ({"start": None}, "missing_required"),
        ({"start": "noon"}, "unreadable_date"),
        ({"end": "2024-05-06T13:00:00.000Z"}, "out_of_range"),
        ({"end": "2024-06-06T13:00:00.000Z"}, "out_of_range"),
    ):
        visit, row = _visit(book, world, change)
        book.held_back(cls, "event", visit.key(book), table="appointments", row=row)
    visit, row = _visit(book, world, {"operatory": ref("Operatory", NOWHERE)})
    book.record("event", visit.key(book), Operatory__c=None, Location=None)
    book.problem("orphan", visit.key(book), "Operatory__c", table="appointments", row=row)
    visit, row = _visit(book, world, {}, minutes=0)
    book.record("event", visit.key(book), EndDateTime=world.utc(NINE) + timedelta(minutes=15))
    book.problem("adjusted", visit.key(book), table="appointments", row=row)


def _notes(book: Book, world: World) -> None:
    """A note that one field does not hold, one without a day, one of nobody's."""
    number = book.number("clinicalnotes", 970_001)
    provider = world.providers[1]
    note = Note(number, plant(book, world), provider, NINE, None, "\N{TOOTH}" * 20_000)
    write_note(book, world, note)
    expect_note(book, world, note).update(Body__c=holding("\N{TOOTH}" * 10_000))
    second = book.record("note", note.key(book, 2), Part__c=2)
    second.update(to("Contact__c", note.person.key(book)))
    for change, cls in (
        ({"datedAs": None}, "missing_required"),
        ({"datedAs": "noon"}, "unreadable_date"),
        ({"patient": ref("Patient", NOWHERE)}, "orphan"),
    ):
        number = book.number("clinicalnotes", 970_001)
        note = Note(number, plant(book, world), provider, NINE, None, "Exam.")
        row = write_note(book, world, note, **change)
        book.held_back(cls, "note", note.key(book), table="clinicalnotes", row=row)


def _alerts(book: Book, world: World) -> None:
    """What is no longer active has ended; a link may lead nowhere; `;` parts the values."""
    nuts = Item(32, 2, "Nuts; all of them")
    write_item(book, nuts)
    number = 970_001
    for item, change, loads in (
        (ITEMS[0], {"active": False}, False),
        (ITEMS[0], {"medicalAlert": ref("MedicalAlert", NOWHERE)}, False),
        (nuts, {}, True),
    ):
        alert = Alert(book.number("patientmedicalalerts", number), plant(book, world), item, DAY)
        row = write_link(book, alert, **change)
        expect_alerts(book, alert.person, [alert], set())
        if not loads:
            book.record("patient", alert.person.key(book), Clinical_Alert__c=None)
        if "medicalAlert" in change:
            where: dict[str, Any] = {"table": "patientmedicalalerts", "row": row}
            book.problem(UNKNOWN, None, held_back=None, **where)


def _documents(book: Book, world: World) -> None:
    """A document of nobody's, and one of someone who is not there."""
    for owner in (None, ref("Patient", NOWHERE)):
        number = book.number("documents", 970_001)
        image = Image(number, plant(book, world), 1, "Bitewing", f"files/{number}.jpg", DAY)
        row = write_image(book, world, image, ownerPatient=owner)
        expect_image(book, image)
        book.no_record("image", image.key(book))
        if owner is None:
            book.skipped("documents", row, "")
        else:
            key = book.key("image", f"{book.id(number)}-{NOWHERE}")
            book.held_back("orphan", "image", key, table="documents", row=row)
