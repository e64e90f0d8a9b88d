"""What was written down: in the word processor's or the browser's words, with pictures in it."""

from demo.maple_street.book import Book, key_of
from demo.maple_street.papers import html_picture, png, rtf, rtf_picture

ALPHA = "\N{GREEK SMALL LETTER ALPHA}"
SENTENCE = "The patient was told about the findings and had no questions left. "


def note_from_a_word_processor(book: Book) -> None:
    """RTF with an accent, a letter its code page lacks, and a picture, which becomes a file."""
    patient_id = book.patient("Wordstar", "Amalie", "01/06/1945")
    body = rtf(f"Café au lait stains {{\\b not}} seen, {ALPHA}-lipoic acid.", rtf_picture(png(7)))
    note_id = book.note(patient_id, "03/02/2026", body)
    shown = f"Café au lait stains not seen, {ALPHA}-lipoic acid.\n[image: note-{note_id}-1.png]"
    book.loads("notes", note_id, key_of("note", note_id), Body__c=shown, Signed__c=True,
               Note_Date__c="2026-03-02")  # fmt: skip
    book.loads("notes", note_id, key_of("file", f"note-{note_id}-1"),
               PathOnClient=f"note-{note_id}-1.png", Document_Category__c="Note image",
               Captured_Date__c="2026-03-02")  # fmt: skip


def note_from_a_browser(book: Book) -> None:
    """HTML with a script, which is nobody's finding, and a picture of elsewhere, never fetched."""
    patient_id = book.patient("Webster", "Bernadine", "02/07/1946")
    body = (
        "<p>Gums &amp; bone <b>healthy</b>.</p><script>alert(1)</script>"
        f'{html_picture(png(8))}<img src="https://example.com/x.png" alt="a logo">'
    )
    note_id = book.note(patient_id, "03/03/2026", body, signed="N")
    book.expect("says", "notes", note_id, key_of("note", note_id),
                words=["Gums & bone healthy.", f"[image: note-{note_id}-1.png]", "[image: a logo]"],
                never=["alert", "<", "https"])  # fmt: skip


def note_of_forty_thousand_letters(book: Book) -> None:
    """Longer than a text field: it continues in a second record."""
    patient_id = book.patient("Longwinded", "Cornelia", "03/08/1947")
    note_id = book.note(patient_id, "03/04/2026", SENTENCE * 600)
    for part, key in ((1, note_id), (2, f"{note_id}-2")):
        book.loads("notes", note_id, key_of("note", key), Part__c=part)


def notes_of_one_visit(book: Book) -> None:
    """Three notes on one visit: the visit points at the latest that is signed."""
    patient_id = book.patient("Visitworth", "Desirée", "04/09/1948")
    appt_id = book.appointment(patient_id, "03/05/2026", "9:00 AM", status="COMPLETED")
    notes = [
        book.note(patient_id, day, "Seen today.", appt_id=appt_id, signed=signed)
        for day, signed in (("03/05/2026", "Y"), ("03/06/2026", "Y"), ("03/07/2026", "N"))
    ]
    visit = key_of("vis", appt_id)
    book.loads("appointments", appt_id, visit,
               **{"Clinical_Note__r.Migration_Key__c": key_of("note", notes[1])})  # fmt: skip
    for note_id in notes:
        book.loads("notes", note_id, key_of("note", note_id), Visit_Key__c=visit)


def note_of_a_lost_visit(book: Book) -> None:
    """The visit was deleted: the note loads without it, reported."""
    patient_id = book.patient("Lostvisit", "Elfriede", "05/10/1949")
    note_id = book.note(patient_id, "03/08/2026", "Seen today.", appt_id="99905")
    record = key_of("note", note_id)
    book.loads("notes", note_id, record, Visit_Key__c=None)
    book.reports("notes", note_id, record, "orphan", "Visit_Key__c")


def note_of_no_day(book: Book) -> None:
    """A note without its date is no part of a chart."""
    patient_id = book.patient("Noteless", "Frieda", "06/11/1950")
    note_id = book.note(patient_id, "", "Seen today.")
    book.holds("notes", note_id, key_of("note", note_id), "missing_required")
