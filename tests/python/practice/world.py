"""The people of a generated practice, before any product has written them down."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.python.practice.book import Book, Fields, to

ZONE = "America/Chicago"
UTC = ZoneInfo("UTC")
TODAY = date(2026, 11, 20)

FIRST = {
    "Female": "Alice Beatrix Claudia Deborah Esther Frances Gloria Harriet Imogen Josephine "
    "Kathleen Lorraine Margaret Natalie Ophelia Priscilla Rosalind Stephanie Theodora Vivian",
    "Male": "Alexander Benjamin Christopher Douglas Frederick Gregory Humphrey Jonathan "
    "Kenneth Lawrence Maximilian Nathaniel Oliver Percival Quentin Reginald Sebastian "
    "Theodore Vincent Zachary",
}
SYLLABLES = [
    "bar",
    "cal",
    "dor",
    "fen",
    "gal",
    "hol",
    "kel",
    "lan",
    "mor",
    "nel",
    "par",
    "quin",
    "ros",
    "sel",
    "tor",
    "van",
    "wel",
    "yar",
    "zim",
]
ENDINGS = ["berg", "ford", "son", "well", "wood", "man", "ley", "ton", "field", "by"]
STREETS = ["Oak", "Elm", "Maple", "Cedar", "Birch", "Walnut", "Chestnut", "Spruce"]
TOWNS = [("Oak Park", "60301"), ("Berwyn", "60402"), ("Cicero", "60804"), ("Forest Park", "60130")]


@dataclass(frozen=True)
class Provider:
    """Someone who treats: the same number in both products, an id of each product's kind."""

    number: int
    code: str
    first: str
    last: str
    specialty: str
    suffix: str = ""
    npi: str = ""
    email: str = ""
    user: bool = False
    crm_login: bool = False
    hygienist: bool = False
    inactive: bool = False

    def id(self, book: Book) -> str:
        return book.id(9000 + self.number) if book.ascend else self.code

    def key(self, book: Book) -> str:
        return book.key("provider", self.id(book))

    def has_contact(self, book: Book) -> bool:
        return not (self.user and self.crm_login and not self.inactive) or book.ascend

    def attribution(self, book: Book) -> Fields:
        """The two fields every record names a provider by: never both, never neither."""
        if self.user:
            contact = to("Provider_Contact__c", None)
            return {"Provider__r.Email": self.email, **contact}
        return {"Provider__c": None, **to("Provider_Contact__c", self.key(book))}


@dataclass
class Family:
    """A guarantor's household at one address."""

    number: int
    last: str
    street: str
    city: str
    postal_code: str
    phone: str
    members: list["Person"] = field(default_factory=list)

    def key(self, book: Book) -> str:
        return book.key("family", book.id(self.number))


@dataclass
class Person:
    """A patient as anyone at the desk would describe them."""

    number: int
    family: Family
    first: str
    last: str
    initial: str
    birth: date | None
    gender: str
    position: str
    chart: str
    email: str
    mobile: str
    work: str
    first_visit: date
    last_visit: date
    created: datetime
    provider: Provider

    def id(self, book: Book) -> str:
        return book.id(self.number)

    def key(self, book: Book) -> str:
        return book.key("patient", self.id(book))

    @property
    def guarantor(self) -> bool:
        return self.family.number == self.number

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    def differing(self, **attributes: Any) -> "Person":
        """This person, with these attributes set; raises AttributeError for an unknown one."""
        for name, value in attributes.items():
            getattr(self, name)
            setattr(self, name, value)
        return self


@dataclass
class World:
    """A practice's people. `people` are the ordinary ones, without a single defect; those who
    carry a defect are made with `newcomer` and belong to no list here."""

    random: Random
    providers: list[Provider]
    families: list[Family] = field(default_factory=list)
    zone: str = ZONE
    next_number: int = 10_000
    shift: int = 0

    @property
    def people(self) -> list[Person]:
        return [member for family in self.families for member in family.members]

    def utc(self, local: datetime) -> datetime:
        """A wall-clock time of the practice as the instant it names (in the autumn overlap the
        first; in the spring gap an hour later, as zoneinfo's fold 0 has it)."""
        return local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def newcomer(self, **different: Any) -> Person:
        """One more person in a family of their own, with these attributes set apart."""
        return household(self, 1, listed=False).members[0].differing(**different)


PROVIDERS = [
    Provider(1, "DDS1", "Miriam", "Hale", "General Dentist", "DDS", "1003000126",
             "mhale@example.com", user=True, crm_login=True),
    Provider(2, "DDS2", "Owen", "Pratt", "Orthodontist", "DMD", "1003000134",
             "opratt@example.com"),
    Provider(3, "HYG1", "Ruth", "Ames", "Hygienist", "RDH", hygienist=True),
    Provider(4, "HYG2", "Carla", "Nunez", "Hygienist", "RDH", "", "cnunez@example.com",
             user=True, hygienist=True),
    Provider(5, "DDS3", "Ivan", "Roth", "Oral Surgeon", "DDS", "1003000142",
             "iroth@example.com", crm_login=True),
    Provider(6, "DDS4", "Greta", "Lund", "Periodontist", "DDS", "1003000159", inactive=True),
]  # fmt: skip


def surname(number: int) -> str:
    """A last name no other number has."""
    first, rest = divmod(number, len(SYLLABLES) * len(ENDINGS))
    middle, ending = divmod(rest, len(ENDINGS))
    return (SYLLABLES[first % len(SYLLABLES)] + SYLLABLES[middle] + ENDINGS[ending]).title()


def household(world: World, size: int, *, listed: bool = True) -> Family:
    """A family of `size`: the guarantor first, then a spouse, then children, each with a first
    name, a birth date and a chart number of their own."""
    random, number = world.random, world.next_number
    world.next_number += size
    town, postal_code = random.choice(TOWNS)
    phone = f"(708) 555-{number % 10_000:04d}"
    street = f"{random.randint(100, 999)} {random.choice(STREETS)} St"
    family = Family(
        number, surname(number - 10_000 + world.shift), street, town, postal_code, phone
    )
    names = {gender: random.sample(words.split(), 6) for gender, words in FIRST.items()}
    genders = ["Female", "Male"]
    random.shuffle(genders)
    for place in range(size):
        family.members.append(_member(world, family, place, genders[place % 2], names))
    if listed:
        world.families.append(family)
    return family


def _member(
    world: World, family: Family, place: int, gender: str, names: dict[str, list[str]]
) -> Person:
    random, number = world.random, family.number + place
    child = place >= 2
    first = names[gender].pop()
    year = random.randint(2010, 2018) if child else random.randint(1940, 1990)
    first_visit = date(2019, 1, 2) + timedelta(days=random.randrange(900))
    position = "Child" if child else "Married" if place or random.random() < 0.5 else "Single"
    return Person(
        number=number,
        family=family,
        first=first,
        last=family.last,
        initial=random.choice("ABCDEFGHJKLM") if random.random() < 0.4 else "",
        birth=date(year, place % 12 + 1, random.randint(1, 28)),
        gender=gender,
        position=position,
        chart=f"{family.last[:2].upper()}{number:05d}",
        email=f"{first}.{number}@example.org".lower() if random.random() < 0.7 else "",
        mobile=f"(312) 555-{number % 10_000:04d}" if not child else "",
        work=f"(773) 555-{number % 10_000:04d}" if random.random() < 0.3 else "",
        first_visit=first_visit,
        last_visit=first_visit + timedelta(days=random.randrange(1, 1900)),
        created=datetime(first_visit.year, first_visit.month, first_visit.day, 9, 30)
        - timedelta(days=random.randrange(1, 30)),
        provider=random.choice(world.providers[:5]),
    )


def make_world(
    families: int, seed: int = 20, shift: int = 0, providers: list[Provider] = PROVIDERS
) -> World:
    """Ordinary families of one to four: about two and a half people each. Numbers always begin
    at the same one; worlds apart by a `shift` share no last name."""
    world = World(Random(seed), providers, shift=shift)
    for _ in range(families):
        household(world, world.random.choice([1, 2, 3, 4]))
    return world
