"""What the large practice sends later: a delta that changes, adds and removes rows."""

import copy
from collections import Counter
from pathlib import Path

from tests.python.practice import people, write_g_series
from tests.python.practice.book import Book, Fields, Row
from tests.python.practice.later_care import care_later
from tests.python.practice.world import World, make_world

EXTRACTED_AT = "2026-11-22T02:00:00-06:00"


def later(book: Book, folder: Path) -> tuple[Book, set[str]]:
    """Writes the delta into `folder`. Gives the book as it stands afterwards, and the keys of the
    records, and only those, that a run must then send."""
    after = Book(book.practice, book.product, book.seed, options=book.options)
    after.records = copy.copy(book.records)
    world = make_world(1, seed=23, shift=3400)
    world.next_number = 50_000
    of_care, removed = care_later(book, after, world)
    sent = {
        _changed(book, after),
        *_added(after, world),
        *_insurance_gone(book, after),
        *of_care,
    }
    write_g_series.write(after, folder, kind="delta", extracted_at=EXTRACTED_AT)
    gone = "\n".join(["table,key1,key2", f"patient,{_removed(book)},", *removed, ""])
    (folder / "deleted.csv").write_text(gone)
    kept = [row["insuredid"] for row in book.rows["insured"]]
    kept.remove(_last_insured(book)["priminsuredid"])
    (folder / "keys").mkdir()
    listed = "".join(f"{number}\n" for number in kept)
    (folder / "keys" / "insured.csv").write_text(f"insuredid\n{listed}")
    return after, sent


def _copy(after: Book, row: Row) -> Row:
    return after.row("patient", **row)


def _update(after: Book, step: str, key: str, fields: Fields) -> None:
    """Changes what is expected, and leaves the earlier book's expectation alone."""
    after.records[step, key] = {**after.records[step, key], **fields}


def _changed(book: Book, after: Book) -> str:
    """A new chart number, and an e-mail taken away."""
    row = _copy(after, book.rows["patient"][0])
    row.update(chartnum="CHANGED-1", emailaddr="")
    key = book.key("patient", row["patid"])
    _update(after, "patient", key, {"Chart_Number__c": "CHANGED-1", "Email": None})
    return key


def _added(after: Book, world: World) -> set[str]:
    person = people.plant(after, world)
    return {person.key(after), person.family.key(after)}


def _last_insured(book: Book) -> Row:
    """A guarantor who alone is insured by their policy."""
    insured = [row for row in book.rows["patient"] if row.get("priminsuredid")]
    count = Counter(row["priminsuredid"] for row in insured)
    return next(r for r in insured if count[r["priminsuredid"]] == 1 and not r["secinsuredid"])


def _insurance_gone(book: Book, after: Book) -> set[str]:
    """A policy that the full list of keys no longer holds: the patient's subscriber id goes; the
    insurance record stays in the org, as gone from the source, until someone says otherwise."""
    row = _last_insured(book)
    key = book.key("patient", row["patid"])
    _update(after, "patient", key, {"Insurance_Subscriber_ID__c": None})
    return {key}


def _removed(book: Book) -> int:
    """A patient with nothing of their own: stays in the org as well."""
    named = [problem for problem in book.problems if problem.cls == "invalid_email"]
    return int(named[0].row["patid"])
