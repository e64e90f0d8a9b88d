"""The Office Journal: calls, letters and e-mails, as G-series keeps them."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.expect import by
from tests.python.practice.world import Person, Provider, World

# A contact's type in the words of the source, and the subtype of its task.
SUBTYPES = {"call": "Call", "e-mail": "Email", "letter": "Task", "text": "Task", "other": "Task"}
TITLES = ["Reminded of visit", "Asked about the bill", "Sent recall card", "Left a message"]


@dataclass(eq=False)
class Contact:
    """One entry of the journal, by the practice's own clock."""

    number: int
    person: Person
    provider: Provider | None
    at: datetime
    title: str
    type: str
    note: str

    def key(self, book: Book) -> str:
        return book.key("tsk", self.number)


def keep_journal(world: World) -> list[Contact]:
    """An entry for every other ordinary person."""
    random = Random("journal")
    contacts: list[Contact] = []
    for person in world.people[::2]:
        day = person.first_visit + timedelta(days=random.randrange(1200))
        contacts.append(
            Contact(
                number=800_001 + len(contacts),
                person=person,
                provider=random.choice([None, person.provider]),
                at=datetime.combine(day, time(random.randint(8, 18), random.randrange(60))),
                title=f"{random.choice(TITLES)} {person.number}",
                type=random.choice(list(SUBTYPES)),
                note=random.choice(["", "Will call back\nnext week"]),
            )
        )
    return contacts


def write_journal(book: Book, world: World, contacts: list[Contact]) -> None:
    """Every entry and its task; Ascend has no journal."""
    if book.ascend:
        return
    for contact in contacts:
        write_contact(book, contact)
        expect_contact(book, world, contact)


def write_contact(book: Book, contact: Contact, **different: Any) -> Row:
    """An entry's row: its time in minutes since midnight, or as a clock shows it."""
    minutes = contact.at.hour * 60 + contact.at.minute
    cells: Row = {
        "contactid": contact.number,
        "contactdate": contact.at.date(),
        "contacttime": minutes if contact.number % 2 else f"{contact.at:%H:%M}",
        "patid": contact.person.number,
        "provid": contact.provider.code if contact.provider else "",
        "title": contact.title,
        "contacttype": contact.type,
        "note": contact.note,
    }
    return book.row("contact", **cells | different)


def expect_contact(book: Book, world: World, contact: Contact) -> Fields:
    """The entry's task."""
    return book.record(
        "activity",
        contact.key(book),
        Subject=contact.title,
        TaskSubtype=SUBTYPES[contact.type],
        ActivityDate=contact.at.date(),
        Status="Completed",
        Description=contact.note,
        Original_Start__c=world.utc(contact.at),
        **to("WhoId", contact.person.key(book)),
        **by(book, contact.provider),
    )
