"""The book of appointments: past and to come, kept, broken and put off."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.expect import by, holding, starting
from tests.python.practice.world import Person, Provider, World
from tests.python.practice.write_ascend import ref

OPERATORIES = {"OP-1": "Operatory 1", "OP-2": "Hygiene room", "OP-3": "Surgery"}
TYPES = {1: "Hygiene", 2: "Restorative", 3: "New patient", 4: "Consultation"}
STATUSES = {1: "Confirmed", 2: "Unconfirmed", 5: "Left Message"}
COMPLETE = -106
# Broken class of Dentrix, and the status it comes to whatever the practice's own word.
BROKEN = {1: "Broken", 2: "Will Call"}
REASONS = ["PerEx, 4BW, AdPro", "Crown #3 prep", "Toothache, lower left", ""]
NOTES = ["Prefers mornings", "Bring the x-rays\nfrom Dr. Low", ""]


@dataclass(eq=False)
class Visit:
    """One appointment, by the practice's own clock."""

    number: int
    person: Person
    start: datetime
    minutes: int
    operatory: str
    provider: Provider | None
    type: int
    status: int
    broken: int
    reason: str
    note: str
    created: datetime

    def key(self, book: Book) -> str:
        return book.key("evt", book.id(self.number))

    @property
    def state(self) -> str:
        """The status in words."""
        if self.broken:
            return BROKEN[self.broken]
        return "Complete" if self.status == COMPLETE else STATUSES[self.status]


def schedule(world: World) -> list[Visit]:
    """For every ordinary person one visit that is over and one that is to come."""
    random = Random("visits")
    visits: list[Visit] = []
    for person in world.people:
        for past in (True, False):
            day = person.last_visit if past else person.last_visit + timedelta(days=2200)
            visits.append(_visit(random, 700_001 + len(visits), person, past, day))
    return visits


def _visit(random: Random, number: int, person: Person, past: bool, day: Any) -> Visit:
    clock = time(random.randint(8, 17), random.choice([0, 10, 30, 45]))
    broken = random.choice([0] * 8 + [1, 2])
    return Visit(
        number=number,
        person=person,
        start=datetime.combine(day, clock),
        minutes=random.choice([15, 30, 60, 90, 240]),
        operatory=random.choice(list(OPERATORIES)),
        provider=person.provider if random.random() < 0.95 else None,
        type=random.choice([0, *TYPES]),
        status=COMPLETE if past and not broken else random.choice(list(STATUSES)),
        broken=broken,
        reason=random.choice(REASONS),
        note=random.choice(NOTES),
        created=datetime.combine(day, time(11, 12, 13)) - timedelta(days=random.randint(1, 90)),
    )


def write_schedule(book: Book, world: World, visits: list[Visit]) -> None:
    """The rooms, the practice's own words, and every visit."""
    write_rooms(book)
    for visit in visits:
        write_visit(book, world, visit)
        expect_visit(book, world, visit)


def write_rooms(book: Book) -> None:
    """Operatories, appointment types and states."""
    for number, (code, title) in enumerate(OPERATORIES.items(), start=9801):
        if book.ascend:
            book.row("operatories", id=book.id(number), name=title, shortName=code, active=True)
        else:
            book.row("operatory", op_id=code, op_title=title)
    if book.ascend:
        return
    for defid, word in TYPES.items():
        book.row("appt_type", defid=defid, descript=word)
    for defid, word in STATUSES.items():
        book.row("appt_status", defid=defid, descript=word)


def write_visit(book: Book, world: World, visit: Visit, **different: Any) -> Row:
    """A visit's row, with these cells otherwise."""
    if book.ascend:
        return _ascend_visit(book, world, visit, **different)
    cells: Row = {
        "automodifiedtimestamp": visit.created,
        "apptid": visit.number,
        "apptdate": visit.start.date(),
        "timehr": visit.start.hour,
        "timemin": visit.start.minute,
        "apptlen": visit.minutes,
        "opid": visit.operatory,
        "provid": visit.provider.code if visit.provider else "",
        "addlprov": "",
        "patid": visit.person.number,
        "patname": f"{visit.person.last}, {visit.person.first}",
        "phone": "",
        "status": visit.status,
        "apptbrokenclass": visit.broken,
        "appttype": visit.type,
        "apptreason": visit.reason,
        "amt": "120.00",
        "createdate": visit.created,
        "note": visit.note,
    }
    return book.row("appt", **cells | different)


def _ascend_visit(book: Book, world: World, visit: Visit, **different: Any) -> Row:
    start = world.utc(visit.start)
    room = 9801 + list(OPERATORIES).index(visit.operatory)
    words = {"Complete": "COMPLETED", "Left Message": "LEFT_MESSAGE", "Will Call": "BROKEN"}
    cells: Row = {
        "id": book.id(visit.number),
        "start": start,
        "end": start + timedelta(minutes=visit.minutes),
        "created": world.utc(visit.created),
        "status": words.get(visit.state, visit.state.upper()),
        "title": visit.reason or None,
        "note": visit.note or None,
        "provider": ref("Provider", visit.provider.id(book) if visit.provider else None),
        "patient": ref("Patient", visit.person.id(book)),
        "operatory": ref("Operatory", book.id(room)),
    }
    return book.row("appointments", **cells | different)


def expect_visit(book: Book, world: World, visit: Visit) -> Fields:
    """The visit's event, or its appointment where the practice wants those."""
    title = OPERATORIES[visit.operatory]
    expected: Fields = {
        "Operatory__c": title,
        "Appointment_Status__c": state(book, visit),
        "Original_Create_Date__c": world.utc(visit.created),
        **by(book, visit.provider),
    }
    if not book.ascend:
        expected["Appointment_Type__c"] = TYPES.get(visit.type)
    return book.record(step(book), visit.key(book), expected, **slot(book, world, visit, title))


def state(book: Book, visit: Visit) -> Any:
    """Ascend has no list of those who will call; such a visit is broken there."""
    return "Broken" if book.ascend and visit.state == "Will Call" else visit.state


def step(book: Book) -> str:
    """Whether a practice's visits are events or appointments."""
    return "appointment" if book.options.get("appointments_as") == "appointment" else "event"


def slot(book: Book, world: World, visit: Visit, room: str | None) -> Fields:
    """Who, when, where and what for: under an event's names or an appointment's."""
    start = world.utc(visit.start)
    end = start + timedelta(minutes=visit.minutes)
    subject = starting(visit.person.name)
    if not book.ascend and visit.type:
        subject = holding(f"{visit.person.name} \N{EN DASH} ")
    said = described(visit.reason, visit.note)
    if step(book) == "appointment":
        return {
            "Subject__c": subject,
            "Start__c": start,
            "End__c": end,
            "Location__c": room,
            "Description__c": said,
            **to("Contact__c", visit.person.key(book)),
        }
    owner = {"Owner.Email": visit.provider.email} if visit.provider and visit.provider.user else {}
    return {
        "Subject": subject,
        "StartDateTime": start,
        "EndDateTime": end,
        "Location": room,
        "Description": said,
        **to("WhoId", visit.person.key(book)),
        **owner,
    }


def described(reason: str, note: str) -> Any:
    """The reason, then the note, whatever stands between them."""
    return holding(reason, note) if reason and note else reason or note
