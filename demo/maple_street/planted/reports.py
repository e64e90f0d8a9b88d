"""Lines of reports that are repeated, broken, or say what they should not."""

from demo.files import CELLS
from demo.maple_street.book import Book, key_of


def report_repeats_a_line(book: Book) -> None:
    """The report was appended to itself for a line: it counts once."""
    patient_id = book.patient("Echoson", "Tove", "05/11/1989")
    task_id = book.task(patient_id, "OTHER", "Send the form", "12/02/2026")
    book.tables["tasks"].append(dict(book.find("tasks", task_id)))
    book.expect("rejected", "tasks", task_id, reason="repeated_line")


def report_breaks_off(book: Book) -> None:
    """A line that lost its end: no telling which cells are missing."""
    patient_id = book.patient("Brokenline", "Uno", "06/12/1990", sex="M")
    trans_id = book.bill(patient_id, "C", "$0.00", "04/07/2025")
    book.find("billing", trans_id)[CELLS] = "5"
    book.expect("rejected", "billing", trans_id, reason="unreadable_line")


def report_names_no_key(book: Book) -> None:
    """A line without its id cannot be told from any other."""
    book.add("notes", patient_id="1001", note_date="01/01/2026", body="Whose?")
    book.expect("rejected", "notes", "", reason="missing_required")


def numbers_that_never_land(book: Book) -> None:
    """The report of patients holds what it should not; it stays where it is."""
    book.expect("not_landed", "patients", "Soc Sec Number")


def cell_like_a_formula(book: Book) -> None:
    """What a spreadsheet would run goes to Salesforce as it is."""
    patient_id = book.patient("Formulaic", "Vivi", "07/01/1991")
    task_id = book.task(patient_id, "OTHER", "=1+1 films to copy", "12/03/2026")
    book.loads("tasks", task_id, key_of("tsk", task_id), Subject="=1+1 films to copy")
