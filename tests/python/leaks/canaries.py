"""Practices whose cells are canaries: each name, contact, id, birth date and free text is one of a
kind, so that wherever one is found, it leaked."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from tests.python.practice import care, practices
from tests.python.practice.book import Book, Row
from tests.python.practice.world import make_world
from tests.python.practice_exec import chart, people
from tests.python.practice_exec import practices as dental_exec
from tests.python.practice_exec.clinic import PROVIDERS, Clinic

_LETTERS = "bcdfghjkmnprstvw"
# A word of our own; a phone of an area nobody has; a number of social security nobody is given; a
# post code of nowhere; a day on which nothing else happened.
FORMS = re.compile(
    rb"qz[bcdfghjkmnprstvw]{5}xv"
    rb"|(?<![0-9a-z])(?:887\D{0,2}555\D?\d{4}"
    rb"|98\d-?\d\d-?\d{4}"
    rb"|99\d{3}-?\d{4}"
    rb"|19[123]\d-?\d\d-?\d\d"
    rb"|\d\d?/\d\d?/19[123]\d)(?![0-9a-z])"
)


class Canaries:
    """Makes canaries, each once, and finds them again."""

    def __init__(self) -> None:
        self._made = 0
        self._known: set[bytes] = set()

    def word(self) -> str:
        """A word that is a name, an id or a text."""
        self._made += 1
        number, letters = self._made, ""
        for _ in range(5):
            number, place = divmod(number, len(_LETTERS))
            letters += _LETTERS[place]
        return self._keep(f"Qz{letters}xv")

    def text(self) -> str:
        """A free text."""
        return f'Says "{self.word()}",\nthen {self.word()} (#14)'

    def email(self) -> str:
        """An address."""
        return f"{self.word()}@{self.word()}.example.org"

    def phone(self) -> str:
        """A number of ten digits."""
        self._made += 1
        return self._keep(f"887555{self._made:04d}")

    def ssn(self) -> str:
        """A number nobody has."""
        self._made += 1
        return self._keep(f"98{self._made % 10}-7{self._made // 10 % 10}-{self._made:04d}")

    def zip(self) -> str:
        """A post code of nine digits."""
        self._made += 1
        return self._keep(f"99{self._made % 1000:03d}-{self._made:04d}")

    def day(self) -> date:
        """A birth date."""
        self._made += 1
        day = date(1910, 1, 1) + timedelta(days=self._made)
        for form in (f"{day:%Y%m%d}", f"{day:%m%d%Y}", f"{day.month}{day.day}{day.year}"):
            self._keep(form)
        return day

    def _keep(self, canary: str) -> str:
        self._known.add(_bare(canary.encode()))
        return canary

    def found(self, content: bytes) -> Iterator[str]:
        """The canaries in some bytes, however they are spelled."""
        for match in FORMS.finditer(content.lower()):
            if _bare(match[0]) in self._known:
                yield match[0].decode()


def _bare(spelled: bytes) -> bytes:
    return re.sub(rb"[^a-z0-9]", b"", spelled.lower())


NAME, ID, TEXT, EMAIL, PHONE, DAY, ZIP, SSN = (
    *(Canaries.word, Canaries.word, Canaries.text, Canaries.email),
    *(Canaries.phone, Canaries.day, Canaries.zip, Canaries.ssn),
)
Shape = Callable[[Canaries], Any]
CELLS: dict[str, dict[str, Shape]] = {
    # Dentrix
    "provider": {"last_name": NAME, "first_name": NAME, "email": EMAIL},
    "patient": {
        **{"lastname": NAME, "firstname": NAME, "prefname": NAME, "chartnum": ID},
        **{"emailaddr": EMAIL, "workphone": PHONE, "pager": PHONE, "otherphone": PHONE},
        **{"fax": PHONE, "birthdate": DAY, "note": TEXT, "ssn": SSN, "driverslicense": ID},
    },
    "address": {"street1": NAME, "street2": NAME, "city": NAME, "zipcode": ZIP, "phone": PHONE},
    "inscarrier": {"groupname": NAME, "groupnum": ID, "street1": NAME, "phone": PHONE},
    "insured": {"idnum": ID},
    "txcase": {"descript": TEXT},
    "fullproclog": {"checknum": ID, "notetext": TEXT},
    "appt": {"patname": NAME, "note": TEXT, "apptreason": TEXT, "phone": PHONE},
    "clinicalnote": {"notetext": TEXT},
    "contact": {"title": TEXT, "note": TEXT},
    "document": {"descript": TEXT},
    "document_files": {"path": ID},
    # Dental-Exec
    "users": {"last_name": NAME, "first_name": NAME, "email": EMAIL},
    "providers": {"last_name": NAME, "first_name": NAME, "license": ID, "email": EMAIL},
    "patients": {
        **{"last_name": NAME, "first_name": NAME, "nickname": NAME, "birth_date": DAY},
        **{"address_1": NAME, "address_2": NAME, "city": NAME, "zip": ZIP, "home_phone": PHONE},
        **{"work_phone": PHONE, "cell_phone": PHONE, "email": EMAIL, "referral_source": TEXT},
        **{"group_no": ID, "subscriber_id": ID, "group_no_2": ID, "subscriber_id_2": ID},
    },
    "appointments": {"reason": TEXT, "notes": TEXT},
    "tasks": {"subject": TEXT, "notes": TEXT, "assigned_to": NAME},
    "txhist": {"materials": TEXT},
    "billing": {"description": TEXT},
    "notes": {"body": TEXT},
    "prospects": {"last_name": NAME, "first_name": NAME, "phone": PHONE, "email": EMAIL},
}
# What keys of records are made of: carriers' names, codes of providers, numbers of lines.
_KINDS = {
    *("insconame", "carrier_name", "carrier_name_2"),
    *("provider_id", "primary_provider", "hygienist", "line_no"),
}


def _hostile(canaries: Canaries, number: int) -> str:
    """A canary in what no column should hold."""
    word = canaries.word()
    return (
        f"1984-02-30 {word}",
        f"'; drop table x; -- {word}",
        f"99999999999999999999{word}",
        f"{{{{ {word} }}}} %s <b>[red]{word}[/red]",
        f"{word}@{word}@",
        f"{word} " * 60,
    )[number % 6]


def _plant(canaries: Canaries, book: Book) -> None:
    """Makes every cell of CELLS a canary; every fourth row has one that does not fit, and two rows
    more have them throughout: ids of nobody, dates and amounts that are none."""
    for table, rows in book.rows.items():
        shapes = CELLS.get(table, {})
        for number, row in enumerate(rows):
            for column, shape in shapes.items():
                row[column] = (
                    _hostile(canaries, number // 4) if number % 4 == 3 else shape(canaries)
                )
        if rows:
            like = dict(rows[0])
            book.row(table, **_garbage(canaries, like, 970_001))
            book.row(table, **_garbage(canaries, like, 970_002))
            if table in _PEOPLE:
                book.row(table, **like | {_PEOPLE[table]: 960_001})  # to be merged


_PEOPLE = {"patient": "patid", "patients": "patient_id"}
_NOBODY = 980_001


def _garbage(canaries: Canaries, like: Row, number: int) -> Row:
    """A row of canaries but for its key."""
    columns = [column for column in like if column != "automodifiedtimestamp"]
    cells = {column: _hostile(canaries, number + place) for place, column in enumerate(columns)}
    kept = {column: like[column] for column in columns if column in _KINDS}
    nobody = {column: _NOBODY for column in columns if column in _PEOPLE.values()}
    return cells | kept | nobody | {columns[0]: number}


def dentrix(canaries: Canaries) -> Book:
    """A practice of Dentrix."""
    options = {"imaging_base_url": "https://images.example.com/elm", "clinical_alerts": "object"}
    book, world = Book("elm_street", options=options), make_world(3, seed=22)
    practices._ordinary(book, world)
    care.write_care(book, world)
    care.settle(book)
    _plant(canaries, book)
    return book


def exec_(canaries: Canaries) -> Clinic:
    """A practice of Dental-Exec, whose documents bear canaries as names and content."""
    world = make_world(3, 20, providers=PROVIDERS)
    clinic = Clinic(Book("birch_row", "dental_exec"), world)
    dental_exec._ordinary(clinic)
    for person in world.people[:3]:
        chart.doc(clinic, person=person)
    people.settle(clinic)
    for row in clinic.book.rows["docs"]:
        old = str(row["relative_path"]).replace("\\", "/")
        name = f"{canaries.word()}.png"
        clinic.files.pop(old)
        clinic.files[f"x-rays/{name}"] = f"{canaries.word()} {row['doc_id']}".encode()
        row |= {"file_name": name, "relative_path": f"x-rays\\{name}"}
    _plant(canaries, clinic.book)
    return clinic
