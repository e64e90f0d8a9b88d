"""What comes along when one person's two rows become one: all that hangs on the second."""

from dataclasses import replace
from decimal import Decimal

from tests.python.practice.alerts import ITEMS, Alert, expect_alerts, set_bits, write_link
from tests.python.practice.appointments import expect_visit
from tests.python.practice.book import Book
from tests.python.practice.duplicates import again as once_more
from tests.python.practice.duplicates import merged, original, share
from tests.python.practice.expect import starting
from tests.python.practice.images import attach, expect_image
from tests.python.practice.journal import expect_contact
from tests.python.practice.ledger import expect_charge, expect_entry
from tests.python.practice.messes_of_chart import DUE, SINCE, picture
from tests.python.practice.messes_of_money import done, paid
from tests.python.practice.messes_of_visits import contact, note, visit
from tests.python.practice.notes import expect_note
from tests.python.practice.people import patient_row
from tests.python.practice.plans import CODES, default_plan, expect_plan, expect_work
from tests.python.practice.recalls import RULES, Recall, expect_recalls, write_recall
from tests.python.practice.world import Person, World


def plant_merges(book: Book, world: World) -> None:
    """Two people with two rows each, the second of which has a little of everything."""
    for first in ("Rosamund", "Winifred"):
        stays = original(book, world, first=first)
        goes = once_more(book, world, stays)
        share(book, "phone", stays, goes)
        merged(book, goes, stays)
        for amount in range(1, 9):
            paid(book, world, person=stays, amount=Decimal(-amount))
        _money(book, world, stays, goes)
        _days(book, world, stays, goes)
        _chart(book, world, stays, goes)


def _money(book: Book, world: World, stays: Person, goes: Person) -> None:
    """Work and payments are the survivor's, on the survivor's family; planned work of both is one
    plan."""
    work = done(book, world, person=goes)
    expect_work(book, replace(work, person=stays))
    expect_charge(book, replace(work, person=stays))
    entry = paid(book, world, person=goes)
    expect_entry(book, replace(entry, person=stays, family=stays.family))
    mine = done(book, world, person=stays, status="Planned", code=CODES[1], fee=Decimal(30))
    other = done(book, world, person=goes, status="Planned", code=CODES[3], fee=Decimal(90))
    theirs = replace(other, person=stays)
    book.no_record("plan", default_plan(book, goes))
    expect_work(book, theirs)
    expect_plan(book, default_plan(book, stays), stays, [mine, theirs])


def _days(book: Book, world: World, stays: Person, goes: Person) -> None:
    """Visits, notes and calls."""
    seen = visit(book, world, person=goes)
    expect_visit(book, world, replace(seen, person=stays))
    written = note(book, world, person=goes)
    expect_note(book, world, replace(written, person=stays))
    called = contact(book, world, person=goes)
    expect_contact(book, world, replace(called, person=stays))


def _chart(book: Book, world: World, stays: Person, goes: Person) -> None:
    """Pictures, of which one is of both; alerts, of which one is on both; bits, and recalls."""
    assert book.options["imaging_base_url"]
    for path in ("77/own.jpg", "77/both.jpg"):
        image = picture(book, world, person=goes, path=path)
        book.no_record("image", image.key(book))
        kept = replace(image, person=stays)
        expect_image(book, kept)
        if path.endswith("both.jpg"):
            second = book.find("docattach", docid=image.number)
            mine = attach(book, image.number, stays.number)
            key = kept.key(book)
            book.problem(
                "duplicate_key", key, held_back=None, table="docattach", row=second, or_row=mine
            )
    url = starting(book.options["imaging_base_url"])
    book.record("patient", stays.key(book), Source_Imaging_URL__c=url)
    alerts = [
        Alert(book.number("hhlinkpat_item", 950_001), person, item, SINCE)
        for person, item in ((stays, ITEMS[0]), (goes, ITEMS[0]), (goes, ITEMS[5]))
    ]
    for alert in alerts:
        write_link(book, alert)
    set_bits(patient_row(book, goes), {31})
    expect_alerts(book, stays, [replace(alert, person=stays) for alert in alerts], {31})
    due = Recall(0, goes, RULES[1], DUE)
    write_recall(book, due)
    expect_recalls(book, stays, [replace(due, person=stays)])
