"""Scans: those that arrive, and those that cannot."""

from demo.maple_street.book import Book, key_of
from demo.maple_street.papers import pdf, png


def scan_arrives(book: Book) -> None:
    """An insurance card, filed under the patient, with the path as Windows writes it."""
    patient_id = book.patient("Scanwell", "Gesa", "01/07/1970")
    doc_id = book.document(patient_id, "card.pdf", pdf("Insurance card"), category="INSCARD",
                           relative_path=f"{patient_id}/card.pdf")  # fmt: skip
    book.find("docs", doc_id)["relative_path"] = f"{patient_id}\\CARD.pdf"
    book.loads("docs", doc_id, key_of("file", doc_id), Title="card", PathOnClient="card.pdf",
               Document_Category__c="INSCARD", Captured_Date__c="2024-05-06")  # fmt: skip


def scan_twice(book: Book) -> None:
    """The same sheet went through the scanner twice: it is uploaded once."""
    patient_id = book.patient("Twoscans", "Hanne", "02/08/1971")
    first, second = (book.document(patient_id, f"film-{number}.png", png(9)) for number in (1, 2))
    book.loads("docs", first, key_of("file", first), Title="film-1")
    book.expect("unsent", "docs", second, key_of("file", second), reason="duplicate_key")


def scans_that_cannot_come(book: Book) -> None:
    """One is not there, one is empty, one points out of the folder that was handed over."""
    patient_id = book.patient("Scanless", "Isa", "03/09/1972")
    for name, content, reason, path in (
        ("gone.png", None, "file_missing", f"{patient_id}/gone.png"),
        ("empty.png", b"", "file_refused", f"{patient_id}/empty.png"),
        ("win.ini", None, "file_refused", "..\\..\\windows\\win.ini"),
    ):
        doc_id = book.document(patient_id, name, content, relative_path=path)
        book.expect("unsent", "docs", doc_id, key_of("file", doc_id), reason=reason)


def scan_of_nobody(book: Book) -> None:
    """The patient was deleted, the scan was not."""
    doc_id = book.document("99906", "whose.pdf", pdf("Whose is this"))
    book.expect("unsent", "docs", doc_id, key_of("file", doc_id), reason="orphan")
