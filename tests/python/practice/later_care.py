"""What the large practice's later delta changes of the care of its people."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.world import World

ORDINARY = 12_000


def care_later(book: Book, after: Book, world: World) -> tuple[set[str], list[str]]:
    """Adds the delta's rows and expectations to `after`. Gives the keys of the records, and only
    those, that a run must then send; and lines for `deleted.csv`."""
    removed = _payment(book, 3)["procid"]
    history = {"status": "FIRM", "deletedflag": 1, "modifieddate": datetime(2026, 11, 21, 9, 0)}
    gone = book.rows["appt"][9]["apptid"]
    after.row("appthist", apptid=gone, parentapptid=gone, **history)
    sent = {
        _amount_changed(book, after),
        _moved(book, after, world),
        _reworded(book, after),
        *_done(book, after),
        _warned(book, after),
    }
    return sent, [f"fullproclog,{removed},"]


def _update(after: Book, step: str, key: str, fields: Fields) -> str:
    """Changes what is expected, and leaves the earlier book's expectation alone."""
    after.records[step, key] = {**after.records.get((step, key), {}), **fields}
    return key


def _payment(book: Book, at: int) -> Row:
    """One of the practice's ordinary payments."""
    paid = [row for row in book.rows["fullproclog"] if row.get("proclogclass") == 1]
    return paid[at]


def _amount_changed(book: Book, after: Book) -> str:
    row = _payment(book, 1)
    after.row("fullproclog", **{**row, "amt": "-33.33"})
    paid = {"Amount__c": Decimal("-33.33"), "Patient_Payment__c": Decimal("33.33")}
    return _update(after, "ledger", book.key("ledger", row["procid"]), paid)


def _moved(book: Book, after: Book, world: World) -> str:
    """An appointment at another hour."""
    row = after.row("appt", **{**book.rows["appt"][7], "timehr": 7, "timemin": 5})
    day = row["apptdate"]
    start = world.utc(datetime(day.year, day.month, day.day, 7, 5))
    slot = {"StartDateTime": start, "EndDateTime": start + timedelta(minutes=row["apptlen"])}
    return _update(after, "event", book.key("evt", row["apptid"]), slot)


def _reworded(book: Book, after: Book) -> str:
    row = after.row("clinicalnote", **{**book.rows["clinicalnote"][5], "notetext": "Amended."})
    return _update(after, "note", book.key("note", row["cnotesid"]), {"Body__c": "Amended."})


def _done(book: Book, after: Book) -> set[str]:
    """Someone's only planned work is done: a charge more, and a plan less, which stays in the org
    until someone says otherwise."""
    planned = [
        row
        for row in book.rows["fullproclog"]
        if row["chartstatus"] == 105 and row["txcaseid"] == 0 and row["patid"] < ORDINARY
    ]
    count = Counter(row["patid"] for row in planned)
    row = next(row for row in planned if count[row["patid"]] == 1)
    after.row("fullproclog", **{**row, "chartstatus": 102})
    key = book.key("procedure", row["procid"])
    done = {
        "Status__c": "Completed",
        "Completion_Date__c": row["procdate"],
        **to("Treatment_Plan__c", None),
    }
    charge: Fields = {
        "Transaction_Type__c": "Charge",
        "Amount__c": row["amt"],
        "Ledger_Date__c": row["procdate"],
        **to("Procedure_Link__c", key),
        **to("Contact__c", book.key("patient", row["patid"])),
        **to("Account__c", book.key("family", row["guarid"])),
    }
    ledger = book.key("ledger", row["procid"])
    return {_update(after, "procedure", key, done), _update(after, "ledger", ledger, charge)}


def _warned(book: Book, after: Book) -> str:
    """Someone's first alert."""
    linked = {row["patid"] for row in book.rows["hhlinkpat_item"]}
    person = next(
        row
        for row in book.rows["patient"][40:]
        if row["patid"] not in linked and not row["medalertmask1"] and not row["medalertmask2"]
    )
    after.row(
        "hhlinkpat_item",
        linkid=980_001,
        patid=person["patid"],
        hhitemid=2,
        status=1,
        startdate="2026-11-21",
        enddate="9999-12-31",
        note="",
        critical=0,
    )
    key = _update(
        after, "patient", book.key("patient", person["patid"]), {"Clinical_Alert__c": {"Latex"}}
    )
    # Since when may be told there.
    del after.records["patient", key]["Clinical_Alert_Details__c"]
    return key
