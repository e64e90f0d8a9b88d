"""A week later at Maple Street: all of it again, with what happened in between.

An appointment was kept, and one that was over is to come again; somebody has a new telephone
number, somebody is new, a recall was done, a scan came in, a prospect was removed.
"""

from dataclasses import dataclass, field

from demo.maple_street.book import Book, key_of
from demo.maple_street.papers import png
from demo.maple_street.practice import export, make_up


@dataclass
class Week:
    """What happened, and what must come of it, as migration keys.

    `moved` are the records that a run sends, `superseded` those that it deletes because another
    takes their place, `gone` those that are no longer in the source.
    """

    book: Book
    moved: set[str] = field(default_factory=set)
    superseded: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)


def week() -> Week:
    """The week after the export, made from the same practice."""
    book = make_up()
    happened = Week(book)
    _appointments(happened)

    book.find("patients", "1002")["cell_phone"] = "216-555-0198"
    happened.moved.add(key_of("patient", "1002"))

    recall = next(row for row in book.tables["tasks"] if row["task_type"] == "RECALL")
    recall |= {"status": "DONE", "completed_date": "11/25/2026"}
    happened.moved.add(key_of("tsk", recall["task_id"]))

    doc_id = book.document("1002", "panorama.png", png(200), scan_date="11/24/2026")
    happened.moved.add(key_of("file", doc_id))

    newcomer = book.patient("Newhouse", "Verona", "02/03/1992", outstanding_balance="$0.00")
    task_id = book.task(newcomer, "CALL", "Welcome call", "11/24/2026 9:30 AM", status="DONE")
    happened.moved |= {
        key_of("patient", newcomer),
        key_of("junction", f"{newcomer}-D1-Primary"),
        key_of("tsk", task_id),
    }

    removed = book.tables["prospects"].pop(0)
    happened.gone.add(key_of("lead", removed["prospect_id"]))
    return happened


def _appointments(happened: Week) -> None:
    """One that was to come was kept; one that was over is to come again, and its note follows."""
    book = happened.book
    rows = book.tables["appointments"]
    kept = next(row for row in rows if row["status"] == "CONFIRMED")
    again = next(row for row in rows if row["status"] == "COMPLETED")
    kept["status"], again["status"] = "COMPLETED", "SCHEDULED"
    for row, before, after in ((kept, "evt", "vis"), (again, "vis", "evt")):
        happened.superseded.add(key_of(before, row["appt_id"]))
        happened.moved.add(key_of(after, row["appt_id"]))
    happened.moved |= {
        key_of("note", note["note_id"])
        for note in book.tables["notes"]
        if note["appt_id"] == again["appt_id"]
    }


def files() -> dict[str, bytes]:
    """The later set: path below the set to content."""
    return export(week().book, "2026-11-27T03:00:00-05:00")
