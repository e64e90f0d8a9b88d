"""Clinical notes as RTF, HTML and plain text, the images in them, and the documents."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import PurePosixPath
from random import Random
from typing import Any

from tests.python.practice.book import Fields, Row, to
from tests.python.practice.expect import Such
from tests.python.practice.world import Person
from tests.python.practice_exec.clinic import Clinic
from tests.python.practice_exec.people import plant
from tests.python.practice_exec.schedule import Visit

PNG = b"\x89PNG\r\n\x1a\n"


def words(text: str) -> Any:
    """A text of these words, whatever blanks and line ends part them."""
    return Such(f"says {text!r}", lambda got: str(got or "").split() == text.split())


# How a note may be written: the body, and what a clinician then reads.
FORMS: list[Callable[[int], tuple[str, Any]]] = [
    lambda n: (f"Exam and cleaning. No new findings. ({n})",) * 2,
    lambda n: (f'Pt says "it hurts, a little"\nBP 128/82; advised to floss. ({n})',) * 2,
    lambda n: (
        rf"{{\rtf1\ansi\ansicpg1252{{\fonttbl{{\f0 Arial;}}}}\f0\fs20 Caf\'e9 visit, \b crown"
        rf"\b0  seated.\par Shade A2 \u8211? matched. ({n})\par}}",
        words(f"Café visit, crown seated. Shade A2 \N{EN DASH} matched. ({n})"),
    ),
    lambda n: (
        f"<html><head><style>p {{x: y}}</style></head><body><p>Fleur &amp; floss.</p>"
        f"<ul><li>#14 MOD</li></ul><script>alert(1)</script><p>Ça va ({n})</p></body></html>",
        Such(
            f"an HTML note's words ({n})",
            lambda got: (
                [w for w in str(got or "").split() if w not in "*-•"]
                == f"Fleur & floss. #14 MOD Ça va ({n})".split()
            ),
        ),
    ),
]


@dataclass(eq=False)
class Note:
    """One note by the practice's own clock."""

    number: int
    person: Person | None
    written: date | datetime
    body: str
    text: Any
    provider: str = "D1"
    signed: bool = True
    visit: Visit | None = None
    cells: Fields = field(default_factory=dict)

    def key(self, clinic: Clinic, part: int = 1) -> str:
        number = self.number if part == 1 else f"{self.number}-{part}"
        return clinic.book.key("note", number)


def write_notes(clinic: Clinic) -> None:
    """A note on every third visit, on some two, and one on some people that is of no visit."""
    random = Random("notes")
    for visit in clinic.visits:
        if visit.number % 3 == 0 and visit.person:
            notes = [
                _ordinary(random, clinic, visit.person, visit.start + timedelta(hours=at), visit)
                for at in range(random.choice([1, 1, 2, 3]))
            ]
            point_at_latest(clinic, visit, notes)
    for person in clinic.world.people:
        if person.number % 5 == 0:
            at = datetime.combine(person.first_visit, time(11, 20))
            _ordinary(random, clinic, person, at, None)


def point_at_latest(clinic: Clinic, visit: Visit, notes: list[Note]) -> None:
    """Says which of a visit's notes its activity points at: the latest signed, else the latest."""
    signed = [note for note in notes if note.signed] or notes
    latest = max(signed, key=lambda note: (_instant(note.written), note.number))
    key = latest.key(clinic)
    clinic.book.record(visit.step, visit.key(clinic), to("Clinical_Note__c", key))


def _instant(written: date | datetime) -> datetime:
    return written if isinstance(written, datetime) else datetime.combine(written, time())


def _ordinary(
    random: Random, clinic: Clinic, person: Person, at: datetime, visit: Visit | None
) -> Note:
    number = clinic.number("notes", 600_001)
    body, text = random.choice(FORMS)(number)
    signed = random.random() < 0.6
    note = Note(number, person, at, body, text, person.provider.code, signed, visit)
    write_note(clinic, note)
    expect_note(clinic, note)
    return note


def write_note(clinic: Clinic, note: Note) -> Row:
    cells = {
        "note_id": note.number,
        "patient_id": note.person.number if note.person else "",
        "provider_id": note.provider,
        "appt_id": note.visit.number if note.visit else "",
        "note_date": note.written,
        "body": note.body,
        "signed": note.signed,
    }
    return clinic.book.row("notes", **cells | note.cells)


def expect_note(clinic: Clinic, note: Note, part: int = 1, **different: Any) -> Fields:
    fields: Fields = {
        "Body__c": note.text,
        "Part__c": part,
        "Signed__c": note.signed,
        "Note_Date__c": _instant(note.written).date(),
        "Visit_Key__c": note.visit.key(clinic) if note.visit else None,
        **clinic.whose("Account__c", note.person),
        **clinic.provider(note.provider),
    }
    if isinstance(note.written, datetime):
        fields["Original_Note_Date__c"] = clinic.utc(note.written)
    return clinic.book.record("note", note.key(clinic, part), fields | different)


def note(clinic: Clinic, change: Fields | None = None, **different: Any) -> tuple[Note, Row]:
    """A plain note on somebody new if not said otherwise, written and expected."""
    told: Fields = {"written": datetime(2025, 3, 4, 9, 30), "body": "Exam."} | different
    told.setdefault("text", told["body"])
    person = told.pop("person", None) or plant(clinic)
    number = clinic.number("notes", 600_001)
    planted = Note(number=number, person=person, cells=change or {}, **told)
    row = write_note(clinic, planted)
    expect_note(clinic, planted)
    return planted, row


def picture(name: object, size: int = 900) -> bytes:
    """Bytes of their own under a PNG's first ones."""
    return PNG + Random(f"picture {name}").randbytes(size)


def as_html(content: bytes) -> str:
    return f'<p>Seen:<img src="data:image/png;base64,{base64.b64encode(content).decode()}"></p>'


def as_rtf(content: bytes) -> str:
    return f"{{\\rtf1\\ansi Before {{\\pict\\pngblip\n{content.hex()}}} after\\par}}"


def expect_image(
    clinic: Clinic, note: Note, number: int, content: bytes, person: Person | None = None
) -> Fields:
    """The file that an image inside a note becomes."""
    name = f"note-{note.number}-{number}.png"
    return clinic.book.record(
        "file",
        clinic.book.key("file", f"note-{note.number}-{number}"),
        Title=(name, name.removesuffix(".png")),
        PathOnClient=name,
        Document_Category__c="Note image",
        Captured_Date__c=_instant(note.written).date(),
        Checksum=hashlib.md5(content).hexdigest(),
        **clinic.whose("FirstPublishLocationId", person or note.person),
    )


CATEGORIES = ["XRAY", "CONSENT", "INSCARD", ""]


@dataclass(eq=False)
class Doc:
    """One document."""

    number: int
    person: Person | None
    name: str
    content: bytes
    category: str = "XRAY"
    scanned: date | None = date(2024, 6, 3)
    folder: str = ""
    cells: Fields = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{self.folder}{self.number}/{self.name}"

    def key(self, clinic: Clinic) -> str:
        return clinic.book.key("file", self.number)


def write_docs(clinic: Clinic) -> None:
    """A document of every tenth ordinary person."""
    random = Random("docs")
    for person in clinic.world.people:
        if person.number % 10 == 0:
            number = clinic.number("docs", 700_001)
            name = random.choice(["scan.png", "Consent form.pdf", "Röntgen 14.dcm"])
            scanned = person.first_visit + timedelta(days=9)
            category = random.choice(CATEGORIES)
            content = picture(number, random.randrange(200, 3000))
            doc = Doc(number, person, name, content, category, scanned)
            write_doc(clinic, doc)
            expect_doc(clinic, doc)


def write_doc(clinic: Clinic, doc: Doc, *, held: bool = True) -> Row:
    """A document's row and, where it is `held`, its file."""
    if held:
        clinic.files[doc.path] = doc.content
    backslashes = doc.number % 2
    cells = {
        "doc_id": doc.number,
        "patient_id": doc.person.number if doc.person else "",
        "category": doc.category,
        "file_name": doc.name,
        "relative_path": doc.path.replace("/", "\\") if backslashes else doc.path,
        "size": len(doc.content),
        "scan_date": doc.scanned,
    }
    return clinic.book.row("docs", **cells | doc.cells)


def expect_doc(clinic: Clinic, doc: Doc, **different: Any) -> Fields:
    fields: Fields = {
        "Title": PurePosixPath(doc.name).stem,
        "PathOnClient": doc.name,
        "Document_Category__c": doc.category,
        "Captured_Date__c": doc.scanned,
        "Checksum": hashlib.md5(doc.content).hexdigest(),
        **clinic.whose("FirstPublishLocationId", doc.person),
    }
    return clinic.book.record("file", doc.key(clinic), fields | different)


def doc(
    clinic: Clinic, change: Fields | None = None, *, held: bool = True, **different: Any
) -> tuple[Doc, Row]:
    """A document of somebody new if not said otherwise, written and expected."""
    number = clinic.number("docs", 700_001)
    told: Fields = {"name": "scan.png", "content": picture(number)} | different
    person = told.pop("person", None) or plant(clinic)
    planted = Doc(number=number, person=person, cells=change or {}, **told)
    row = write_doc(clinic, planted, held=held)
    expect_doc(clinic, planted)
    return planted, row


WHEN = {"NEW": "Open - Not Contacted", "CONTACTED": "Working - Contacted",
        "LOST": "Closed - Not Converted"}  # fmt: skip
RATINGS = {"HIGH": "Hot", "medium": "Warm", "LOW": "Cold", "": None}


def write_prospects(clinic: Clinic) -> None:
    """People who asked, at every state that makes a lead."""
    for at in range(24):
        status, interest = [*WHEN][at % 3], [*RATINGS][at % 4]
        prospect(clinic, {"status": status, "interest_level": interest})


def prospect(clinic: Clinic, change: Fields, **different: Any) -> tuple[str, Row]:
    """Someone who asked, with `change` in their row; `different` of the lead. Gives its key."""
    number = clinic.number("prospects", 800_001)
    cells: Fields = {
        "prospect_id": number,
        "last_name": "Asker" if number % 2 else "ASKER",
        "first_name": f"Ann{number}",
        "phone": "7085550177",
        "email": f"Ask{number}@Example.org",
        "source": "Web form",
        "interest_level": "HIGH",
        "inquiry_date": date(2026, 9, 1),
        "status": "NEW",
        "converted_patient_id": "",
    } | change
    row = clinic.book.row("prospects", **cells)
    key = clinic.book.key("lead", number)
    fields: Fields = {
        "FirstName": f"Ann{number}",
        "LastName": "Asker",
        "Company": clinic.book.options.get("lead_company", "Prospective patient"),
        "Phone": "(708) 555-0177",
        "Email": f"ask{number}@example.org",
        "LeadSource": "Web form",
        "Rating": RATINGS.get(cells["interest_level"]),
        "Status": WHEN.get(cells["status"]),
        "Inquiry_Date__c": date(2026, 9, 1),
    }
    clinic.book.record("lead", key, fields | different)
    return key, row
