"""What is wrong, or only odd, with notes and documents: one each."""

import re
from datetime import date, datetime
from typing import Any

from tests.python.practice.book import Fields, to
from tests.python.practice.expect import Such
from tests.python.practice.messes_of_visits import numbered, piece
from tests.python.practice_exec.chart import (
    Note,
    as_html,
    as_rtf,
    doc,
    expect_image,
    expect_note,
    note,
    picture,
    point_at_latest,
    words,
)
from tests.python.practice_exec.clinic import Clinic
from tests.python.practice_exec.defects import NOWHERE, held_back_patient
from tests.python.practice_exec.people import plant
from tests.python.practice_exec.schedule import visit

MEGABYTE = 1 << 20
WHOLE, PART = 32_768, 32_000


def plant_chart(clinic: Clinic) -> None:
    """Plants everything this module knows."""
    _texts(clinic)
    _long(clinic)
    _visits(clinic)
    _held_back_notes(clinic)
    _images(clinic)
    _documents(clinic)
    _documents_refused(clinic)
    _same_bytes(clinic)


def _texts(clinic: Clinic) -> None:
    for body, text in (
        ("=SUM(A1)", "=SUM(A1)"),
        ("nul\x00 and bell\x07, tab\tkept", "nul and bell, tab\tkept"),
        ('He said "mint", then\n\n"pain"', 'He said "mint", then\n\n"pain"'),
        ("a" * WHOLE, "a" * WHOLE),
        ("", None),
        ('<p>Left <img src="http://tracker.example/x.png"> out</p>', words_but_images("Left out")),
        (r"{\rtf1\ansi Un\u8364?cut {\*\generator Word;}end\par}", words("Un€cut end")),
    ):
        planted, row = note(clinic, body=body, text=text)
        if "img" in body:
            clinic.book.may_report(row)
    planted, row = note(clinic, {"provider_id": "D99"})
    clinic.book.record("note", planted.key(clinic), to("Provider_Contact__c", None))
    clinic.book.problem(
        "orphan", planted.key(clinic), "Provider_Contact__c", table="notes", row=row
    )
    planted, _ = note(clinic, {"signed": ""}, signed=False)
    note(clinic, written=date(2025, 3, 4))


def words_but_images(text: str) -> Any:
    """These words, and perhaps a mark where an image was."""
    return Such(
        f"says {text!r}",
        lambda got: re.sub(r"\[image[^]]*]", "", str(got or "")).split() == text.split(),
    )


def _long(clinic: Clinic) -> None:
    """Notes of several records, which joined are the note."""
    for text, parts in (
        (numbered(40_000), 2),
        ("c" * WHOLE + "d", 2),
        ("e" * (PART - 1) + "\N{TOOTH}" * 4_000, 2),
        (numbered(100_000), 4),
    ):
        planted, _ = note(clinic, body=text)
        seen: dict[int, str] = {}
        for part in range(1, parts + 1):
            body = Such(f"part {part} of {parts}", piece(text, part, parts, seen))
            expect_note(clinic, planted, part, Body__c=body)


def _visits(clinic: Clinic) -> None:
    """Notes on visits: the latest signed is pointed at, else the latest, of equals the last."""
    nine, ten = datetime(2025, 3, 4, 9, 0), datetime(2025, 3, 4, 10, 0)
    for told in (
        [(nine, True), (ten, True)],
        [(nine, True), (ten, False)],
        [(nine, False), (ten, False)],
        [(ten, True), (ten, True)],
    ):
        for status in ("COMPLETED", "Confirmed"):
            visited, _ = visit(clinic, status=status)
            notes = [
                note(clinic, person=visited.person, visit=visited, written=at, signed=signed)[0]
                for at, signed in told
            ]
            point_at_latest(clinic, visited, notes)
    # A note that is held back is pointed at by nobody.
    visited, _ = visit(clinic, status="COMPLETED")
    kept, _ = note(clinic, person=visited.person, visit=visited, written=nine)
    lost, row = note(clinic, {"note_date": "noon"}, person=visited.person, visit=visited)
    clinic.book.held_back("unreadable_date", "note", lost.key(clinic), table="notes", row=row)
    point_at_latest(clinic, visited, [kept])
    # A long one is pointed at by its first part.
    visited, _ = visit(clinic, status="COMPLETED")
    long = "f" * (WHOLE + 9)
    planted, _ = note(clinic, person=visited.person, visit=visited, body=long, written=nine)
    seen: dict[int, str] = {}
    for part in (1, 2):
        body = Such(f"part {part}", piece(long, part, 2, seen))
        expect_note(clinic, planted, part, Body__c=body)
    point_at_latest(clinic, visited, [planted])
    # Visits that are not there, or were held back.
    planted, row = note(clinic, {"appt_id": NOWHERE})
    clinic.book.problem("orphan", planted.key(clinic), "Visit_Key__c", table="notes", row=row)
    visited, row = visit(clinic, {"date": "someday"}, status="COMPLETED")
    key = visited.key(clinic)
    clinic.book.held_back("unreadable_date", "visit", key, table="appointments", row=row)
    planted, _ = note(clinic, person=visited.person, visit=visited)
    clinic.book.record("note", planted.key(clinic), Visit_Key__c=None)


def _held_back_notes(clinic: Clinic) -> None:
    nobody = held_back_patient(clinic)
    for cells, cls, different in (
        ({"note_date": ""}, "missing_required", {}),
        ({"note_date": "12/31/9999"}, "missing_required", {}),
        ({"note_date": "noon"}, "unreadable_date", {}),
        ({"patient_id": ""}, "missing_required", {}),
        ({"patient_id": NOWHERE}, "orphan", {}),
        ({}, "parent_held_back", {"person": nobody}),
    ):
        planted, row = note(clinic, cells, **different)
        clinic.book.held_back(cls, "note", planted.key(clinic), table="notes", row=row)
        clinic.book.skipped("notes", row, "", outcome="held_back")
    row = clinic.book.row("notes", note_id="0", patient_id="", body="Nobody's.")
    clinic.book.problem("missing_required", None, held_back=True, table="notes", row=row)


def _with_image(clinic: Clinic, body: str, text: str, **different: Any) -> Note:
    """A note that holds an image, whose name the text says."""
    planted, row = note(clinic, body=body, **different)
    expect_note(clinic, planted, Body__c=words(text.format(n=planted.number)))
    assert row["note_id"] == planted.number
    return planted


def _images(clinic: Clinic) -> None:
    """Images come out of their notes byte for byte, those of a note held back as well."""
    for at, (write, text) in enumerate(
        (
            (as_html, "Seen: [image: note-{n}-1.png]"),
            (as_rtf, "Before [image: note-{n}-1.png] after"),
        )
    ):
        content = picture(f"in a note {at}")
        planted = _with_image(clinic, write(content), text)
        expect_image(clinic, planted, 1, content)
    first, second = picture("one"), picture("two", 60_000)
    body = as_html(first) + as_html(second)
    text = "Seen: [image: note-{n}-1.png] Seen: [image: note-{n}-2.png]"
    planted = _with_image(clinic, body, text)
    expect_image(clinic, planted, 1, first)
    expect_image(clinic, planted, 2, second)
    content = picture("of a note without a day")
    planted, row = note(clinic, {"note_date": "noon"}, body=as_html(content))
    key = planted.key(clinic)
    clinic.book.held_back("unreadable_date", "note", key, table="notes", row=row)
    expect_image(clinic, planted, 1, content)["Captured_Date__c"] = None
    body = '<p>Broken: <img src="data:image/png;base64,%%%"> x</p>'
    planted, row = note(clinic, body=body)
    said = words(f"Broken: [image: note-{planted.number}-1.png] x")
    expect_note(clinic, planted, Body__c=said)
    key = clinic.book.key("file", f"note-{planted.number}-1")
    clinic.book.held_back("file_refused", "file", key, table="notes", row=row)
    nobody = held_back_patient(clinic)
    planted, row = note(clinic, body=as_html(picture("of nobody")), person=nobody)
    clinic.book.held_back("parent_held_back", "note", planted.key(clinic), table="notes", row=row)
    key = clinic.book.key("file", f"note-{planted.number}-1")
    clinic.book.held_back("parent_held_back", "file", key, table="notes", row=row)


def _documents(clinic: Clinic) -> None:
    """Names and categories that are odd, and load."""
    doc(clinic, name="Röntgen \N{EN DASH} 14.pdf")
    doc(clinic, name="no ending")
    doc(clinic, name="two.dots.tar.gz")
    doc(clinic, category="Love letters")
    doc(clinic, {"size": 7})
    planted, _ = doc(clinic, {"scan_date": ""})
    clinic.book.record("file", planted.key(clinic), Captured_Date__c=None)
    planted, row = doc(clinic, {"scan_date": "lately"})
    key = planted.key(clinic)
    clinic.book.record("file", key, Captured_Date__c=None)
    clinic.book.problem("unreadable_date", key, "Captured_Date__c", table="docs", row=row)
    doc(clinic, content=picture("as large as may be", MEGABYTE - 8))


def _documents_refused(clinic: Clinic) -> None:
    """Documents that are not uploaded: none there, nothing in them, too much, not theirs."""
    clinic.links["link.png"] = "/etc/hostname"
    clinic.files["empty.png"] = b""
    big = picture("larger than may be", MEGABYTE)
    for cells, cls, content in (
        ({"relative_path": "gone/gone.png"}, "file_missing", None),
        ({"relative_path": ""}, "file_missing", None),
        ({"relative_path": "../export.yml"}, "file_refused", None),
        ({"relative_path": "C:\\scans\\a.png"}, "file_refused", None),
        ({"relative_path": "/etc/hostname"}, "file_refused", None),
        ({"relative_path": "link.png"}, "file_refused", None),
        ({"relative_path": "empty.png"}, "file_refused", None),
        ({}, "file_refused", big),
    ):
        different = {"content": content} if content else {}
        planted, row = doc(clinic, cells, held=content is not None, **different)
        key = planted.key(clinic)
        clinic.book.held_back(cls, "file", key, table="docs", row=row)
        clinic.book.skipped("docs", row, "", outcome="held_back")
    lost: list[tuple[Fields, str, dict[str, Any]]] = [
        ({"patient_id": ""}, "missing_required", {}),
        ({"patient_id": NOWHERE}, "orphan", {}),
        ({}, "parent_held_back", {"person": held_back_patient(clinic)}),
    ]
    for refs, cls, of in lost:
        planted, row = doc(clinic, refs, **of)
        clinic.book.held_back(cls, "file", planted.key(clinic), table="docs", row=row)
    row = clinic.book.row("docs", doc_id="0", relative_path="0.png")
    clinic.book.problem("missing_required", None, held_back=True, table="docs", row=row)


def _same_bytes(clinic: Clinic) -> None:
    """The same bytes once for one patient: of the lowest number, documents before images."""
    person, content = plant(clinic), picture("twice")
    doc(clinic, person=person, content=content)
    again, row = doc(clinic, person=person, content=content, name="again.png")
    clinic.book.held_back("duplicate_key", "file", again.key(clinic), table="docs", row=row)
    doc(clinic, content=content)
    planted, row = note(clinic, person=person, body=as_html(content))
    text = f"Seen: [image: note-{planted.number}-1.png]"
    expect_note(clinic, planted, Body__c=words(text))
    key = clinic.book.key("file", f"note-{planted.number}-1")
    clinic.book.held_back("duplicate_key", "file", key, table="notes", row=row)
