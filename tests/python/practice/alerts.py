"""What to beware of: allergies, conditions and medications, as links to the practice's list and as
bits of older databases."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.expect import Such
from tests.python.practice.people import patient_row
from tests.python.practice.world import Person, World
from tests.python.practice.write_ascend import ref

KINDS = {1: "Problem", 2: "Allergy", 3: "Medication"}
FOREVER = "9999-12-31"


@dataclass(frozen=True)
class Item:
    """An entry of the practice's list."""

    number: int
    kind: int
    name: str
    critical: bool = False

    @property
    def shown(self) -> str:
        """The name as a multi-select can hold it."""
        return self.name.replace(";", ",")


ITEMS = [
    Item(1, 2, "Penicillin", critical=True),
    Item(2, 2, "Latex"),
    Item(3, 2, "Codeine & Opioids"),
    Item(4, 1, "Diabetes"),
    Item(5, 1, "High Blood Pressure"),
    Item(6, 1, "Heart Murmur", critical=True),
    Item(7, 3, "Warfarin", critical=True),
    Item(8, 3, "Bisphosphonates"),
]
# Bits of the older masks: 0 to 30 stand in the first, 31 to 61 in the second.
BITS = {0: "Penicillin", 3: "Asthma", 30: "Hepatitis", 31: "Pacemaker", 40: "Latex", 61: "Epilepsy"}


@dataclass(eq=False)
class Alert:
    """One item on one person."""

    number: int
    person: Person
    item: Item
    since: date
    until: date | None = None
    note: str = ""

    def key(self, book: Book) -> str:
        return book.key("alert", book.id(self.number))


@dataclass
class Alerts:
    """Everybody's alerts, linked or as bits."""

    links: list[Alert] = field(default_factory=list)
    bits: dict[int, set[int]] = field(default_factory=dict)


def warn(world: World) -> Alerts:
    """Alerts for a fifth of all people, one or two each; bits on some others."""
    random, alerts = Random("alerts"), Alerts()
    for person in world.people:
        if person.number % 5 == 0:
            for item in random.sample(ITEMS, random.randint(1, 2)):
                since = person.first_visit + timedelta(days=random.randrange(300))
                ended = since + timedelta(days=90) if random.random() < 0.2 else None
                number = 600_001 + len(alerts.links)
                alerts.links.append(Alert(number, person, item, since, ended))
        elif person.number % 29 == 0:
            alerts.bits[person.number] = set(random.sample([3, 30, 31, 61], 2))
    return alerts


def write_alerts(book: Book, world: World, alerts: Alerts) -> None:
    """The practice's lists and everybody's alerts. Ascend has no bits."""
    write_items(book)
    for alert in alerts.links:
        write_link(book, alert)
    for person in world.people:
        bits = set() if book.ascend else alerts.bits.get(person.number, set())
        if bits:
            set_bits(patient_row(book, person), bits)
        links = [alert for alert in alerts.links if alert.person is person]
        expect_alerts(book, person, links, bits)


def write_items(book: Book) -> None:
    """What links and bits mean."""
    for item in ITEMS:
        write_item(book, item)
    if not book.ascend:
        for bit, name in BITS.items():
            book.row("medalert", defid=bit, descript=name)


def write_item(book: Book, item: Item) -> Row:
    if book.ascend:
        return book.row(
            "medicalalerts",
            id=book.id(2000 + item.number),
            name=item.name,
            type=KINDS[item.kind].upper(),
            isCritical=item.critical,
            active=True,
        )
    return book.row(
        "hhitem",
        itemid=item.number,
        hhtype=item.kind,
        description=item.name,
        critical=item.critical,
    )


def write_link(book: Book, alert: Alert, **different: Any) -> Row:
    """A link's row, with these cells otherwise."""
    if book.ascend:
        cells: Row = {
            "id": book.id(alert.number),
            "patient": ref("Patient", alert.person.id(book)),
            "medicalAlert": ref("MedicalAlert", book.id(2000 + alert.item.number)),
            "startDate": alert.since,
            "endDate": alert.until,
            "note": alert.note or None,
            "active": alert.until is None,
        }
        return book.row("patientmedicalalerts", **cells | different)
    cells = {
        "linkid": alert.number,
        "patid": alert.person.number,
        "hhitemid": alert.item.number,
        "status": 1,
        "reporteddate": alert.since,
        "startdate": alert.since,
        "enddate": alert.until or FOREVER,
        "note": alert.note,
        "critical": alert.item.critical,
    }
    return book.row("hhlinkpat_item", **cells | different)


def set_bits(row: Row, bits: set[int]) -> None:
    """Sets bits of a patient's two masks."""
    row["medalertmask1"] = sum(1 << bit for bit in bits if bit <= 30)
    row["medalertmask2"] = sum(1 << (bit - 31) for bit in bits if bit > 30)


def expect_alerts(book: Book, person: Person, links: list[Alert], bits: set[int]) -> None:
    """A person's alerts: in the multi-select of the contact, or as records where the practice
    wants those. A bit that says what a link says is the same alert."""
    linked = {alert.item.name for alert in links}
    named = {bit: BITS[bit] for bit in bits if BITS[bit] not in linked}
    if as_object(book):
        book.record("patient", person.key(book), Clinical_Alert__c=None)
        for alert in links:
            expect_link(book, alert)
        for bit, name in named.items():
            expect_bit(book, person, bit, name)
        return
    open_ones = {alert.item.shown for alert in links if alert.until is None}
    book.record(
        "patient", person.key(book), Clinical_Alert__c=open_ones | set(named.values()) or None
    )
    if not links and not named:
        book.record("patient", person.key(book), Clinical_Alert_Details__c=None)
    ended = [alert for alert in links if alert.until is not None]
    if ended:
        book.record("patient", person.key(book), Clinical_Alert_Details__c=tells(ended))


def as_object(book: Book) -> bool:
    return book.options.get("clinical_alerts") == "object"


def tells(alerts: list[Alert]) -> Any:
    """A text that tells of each alert with its dates."""
    words = [
        (alert.item.name, alert.since.isoformat(), (alert.until or alert.since).isoformat())
        for alert in alerts
    ]
    return Such(
        f"tells of {words}",
        lambda got: all(word in str(got or "") for told in words for word in told),
    )


def expect_link(book: Book, alert: Alert) -> Fields:
    """The record of a link."""
    return book.record(
        "alert",
        alert.key(book),
        Alert__c=alert.item.name,
        Kind__c=KINDS[alert.item.kind],
        Critical__c=alert.item.critical,
        Start_Date__c=alert.since,
        End_Date__c=alert.until,
        Details__c=alert.note,
        **to("Contact__c", alert.person.key(book)),
    )


def expect_bit(book: Book, person: Person, bit: int, name: str) -> Fields:
    """The record of a bit: its name, and no dates, which bits have not."""
    return book.record(
        "alert",
        book.key("alert", f"{person.id(book)}-{bit}"),
        Alert__c=name,
        Start_Date__c=None,
        End_Date__c=None,
        **to("Contact__c", person.key(book)),
    )
