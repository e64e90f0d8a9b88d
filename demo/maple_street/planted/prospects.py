"""People who might become patients, and those who have."""

from demo.maple_street.book import Book, key_of


def prospects_of_every_kind(book: Book) -> None:
    """New, spoken to, lost; how warm they are by how interested they were."""
    for word, interest, status, rating in (
        ("NEW", "HIGH", "Open - Not Contacted", "Hot"),
        ("CONTACTED", "MEDIUM", "Working - Contacted", "Warm"),
        ("LOST", "LOW", "Closed - Not Converted", "Cold"),
    ):
        prospect_id = _prospect(book, f"Leadbetter{rating}", status=word, interest_level=interest)
        book.loads("prospects", prospect_id, key_of("lead", prospect_id), Status=status,
                   Rating=rating, Company="Prospective patient", LeadSource="Web",
                   Inquiry_Date__c="2026-10-01")  # fmt: skip


def prospects_who_are_patients(book: Book) -> None:
    """One has become a patient, one has an appointment: no leads any more."""
    patient_id = book.patient("Convertine", "Malin", "04/10/1988")
    done = _prospect(book, "Convertine", status="SCHEDULED", converted_patient_id=patient_id)
    book.expect("skipped", "prospects", done)
    lost = _prospect(book, "Scheduleman", status="SCHEDULED")
    book.expect("skipped", "prospects", lost)
    book.expect("told", "prospects", lost, key_of("lead", lost), reason="missing_required",
                header="Status")  # fmt: skip


def prospect_in_words_of_their_own(book: Book) -> None:
    """A status and an interest that no map knows."""
    prospect_id = _prospect(book, "Leadzeppel", status="THINKING", interest_level="LUKEWARM")
    record = key_of("lead", prospect_id)
    book.loads("prospects", prospect_id, record, Rating=None)
    for header in ("Status", "Rating"):
        book.reports("prospects", prospect_id, record, "not_in_picklist", header)


def prospect_without_last_name(book: Book) -> None:
    """A lead needs a last name."""
    prospect_id = _prospect(book, "", status="NEW")
    book.holds("prospects", prospect_id, key_of("lead", prospect_id), "missing_required")


def _prospect(book: Book, last: str, **values: str) -> str:
    usual = {
        "prospect_id": book.new_id("prospects"),
        "last_name": last,
        "first_name": "Nele",
        "phone": "216-555-0150",
        "email": "nele@example.net",
        "source": "Web",
        "interest_level": "HIGH",
        "inquiry_date": "10/01/2026",
    }
    return book.add("prospects", **(usual | values))["prospect_id"]
