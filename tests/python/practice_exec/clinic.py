"""A Dental-Exec practice: its book, its people, and who works there."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.world import Person, Provider, World

if TYPE_CHECKING:
    from tests.python.practice_exec.schedule import Visit

FALLBACK = "office@example.com"
# What a patient's balance is until all that was billed is known.
OWED = "__owed__"


@dataclass(frozen=True)
class User:
    """Someone who works with the practice's software, and whether the org knows them."""

    id: str
    first: str
    last: str
    role: str
    email: str
    known: bool = False


USERS = [
    User("U1", "Frances", "Doyle", "FRONT DESK", "fdoyle@example.com", known=True),
    User("U2", "Bernard", "Cole", "OFFICE MANAGER", "BCole@Example.com", known=True),
    User("U3", "Nadia", "Petrov", "BILLING", "npetrov@example.com"),
    User("U4", "Liam", "Ortega", "FRONT DESK", "lortega@example.com"),
    User("U5", "Zoe", "Idle", "FRONT DESK", "zidle@example.com"),
    User("U6", "Pat", "Blank", "BILLING", ""),
    User("U7", "Two", "Logins", "BILLING", "twice@example.com"),
]
PROVIDERS = [
    Provider(1, "D1", "Miriam", "Hale", "General Dentist", npi="1003000126",
             email="mhale@example.com", user=True),
    Provider(2, "D2", "Owen", "Pratt", "Orthodontist", npi="1003000134",
             email="opratt@example.com"),
    Provider(3, "H1", "Ruth", "Ames", "Hygienist", hygienist=True),
    Provider(4, "H2", "Carla", "Nunez", "Hygienist", email="cnunez@example.com", user=True,
             hygienist=True),
    Provider(5, "D3", "Ivan", "Roth", "Oral Surgeon", npi="1003000142",
             email="iroth@example.com"),
    Provider(6, "D4", "Greta", "Lund", "Periodontist", npi="1003000159", inactive=True),
]  # fmt: skip
TYPES = {
    "D1": ("DENTIST", "Dentist"),
    "D2": ("SPECIALIST", "Specialist"),
    "H1": ("HYGIENIST", "Hygienist"),
    "H2": ("Hygienist", "Hygienist"),
    "D3": ("specialist", "Specialist"),
    "D4": ("DENTIST", "Dentist"),
}
# Words that stand for a known user, each with that user's e-mail address; who is not named here
# gives way to the fallback owner.
KNOWN = {
    "": FALLBACK,
    "U1": "fdoyle@example.com",
    "U2": "bcole@example.com",
    "D1": "mhale@example.com",
    "H2": "cnunez@example.com",
    "FDoyle@example.com": "fdoyle@example.com",
}
ORDINARY_OWNERS = list(KNOWN)


@dataclass
class Clinic:
    """A practice in the making. `unsigned`: it writes payments without their sign. `owed` is what
    each patient id was billed, `into` who a merged patient's id became, `visits` the ordinary
    ones, `files` and `links` what stands under the set's `files/`."""

    book: Book
    world: World
    unsigned: bool = False
    owed: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    into: dict[int, int] = field(default_factory=dict)
    visits: "list[Visit]" = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def patient(self, person: Person) -> str:
        """The key of the account that this person is in the end."""
        return self.book.key("patient", self.into.get(person.number, person.number))

    def whose(self, lookup: str, person: Person | None) -> Fields:
        """A record's patient."""
        return to(lookup, self.patient(person) if person else None)

    def provider(self, code: str) -> Fields:
        """A record's provider, blank where the cell is."""
        return to("Provider_Contact__c", self.book.key("provider", code) if code else None)

    def owner(self, written: str) -> Fields:
        """A record's owner; a practice with no fallback owner leaves the org its choice."""
        fallback = self.book.options.get("fallback_owner")
        email = KNOWN.get(written.strip(), FALLBACK)
        return {} if email == FALLBACK and not fallback else {"Owner.Email": email}

    def number(self, table: str, start: int = 1) -> int:
        return self.book.number(table, start)

    def utc(self, local: datetime) -> datetime:
        return self.world.utc(local)

    def midnight(self, day: date) -> datetime:
        return self.world.utc(datetime.combine(day, time()))


def write_staff(clinic: Clinic) -> None:
    """The practice, those who treat, and those who sit at the desk."""
    book = clinic.book
    name = book.practice.replace("_", " ").title()
    key = book.key("practice", book.practice)
    book.record("practice", key, Name=name, Account_Kind__c="Practice")
    for user in USERS:
        book.row(
            "users",
            user_id=user.id,
            last_name=user.last,
            first_name=user.first,
            role=user.role,
            email=user.email,
            active=True,
        )
    for provider in clinic.world.providers:
        write_provider(clinic, provider)


def write_provider(clinic: Clinic, provider: Provider, **different: Any) -> Row:
    """One provider's row and contact."""
    book = clinic.book
    typed, role = TYPES.get(provider.code, ("DENTIST", "Dentist"))
    book.record(
        "provider",
        provider.key(book),
        FirstName=provider.first,
        LastName=provider.last,
        Is_Provider__c=True,
        Email=provider.email,
        Role__c=role,
        Dental_Specialty__c=provider.specialty,
        NPI__c=provider.npi,
        License__c=f"IL-{provider.number:05d}",
        Active__c=not provider.inactive,
        **to("AccountId", book.key("practice", book.practice)),
    )
    cells = {
        "provider_id": provider.code,
        "last_name": provider.last,
        "first_name": provider.first,
        "type": typed,
        "specialty": SPECIALTIES.get(provider.specialty, provider.specialty),
        "npi": provider.npi,
        "license": f"IL-{provider.number:05d}",
        "email": provider.email,
        "active": not provider.inactive,
    }
    return book.row("providers", **cells | different)


SPECIALTIES = {
    "General Dentist": "General Dentistry",
    "Orthodontist": "ORTHODONTICS",
    "Hygienist": "Hygiene",
    "Oral Surgeon": "Oral Surgery",
}
