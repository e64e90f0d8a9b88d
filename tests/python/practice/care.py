"""All that is known of the people besides who they are: money, work, visits, notes and the rest.
Written after the people, and after everything that decides who is one person with whom."""

from tests.python.practice import (
    alerts,
    appointments,
    images,
    journal,
    ledger,
    messes_of_ascend,
    messes_of_chart,
    messes_of_merges,
    messes_of_money,
    messes_of_visits,
    notes,
    plans,
    recalls,
)
from tests.python.practice.book import Book
from tests.python.practice.world import Person, World


def write_care(book: Book, world: World, *, unsigned: bool = False) -> None:
    """What ordinary people had done, planned and paid. `unsigned`: a ledger whose payments are
    written without their sign, as a small practice of its own."""
    treatment = plans.treat(world)
    plans.write_treatment(book, world, treatment)
    money = ledger.bill(world, treatment)
    ledger.write_money(book, treatment, money, unsigned=unsigned)
    appointments.write_schedule(book, world, appointments.schedule(world))
    notes.write_notes(book, world, notes.chart(world, treatment.cases))
    journal.write_journal(book, world, journal.keep_journal(world))
    alerts.write_alerts(book, world, alerts.warn(world))
    recalls.write_recalls(book, world, recalls.recall(world))
    images.write_images(book, world, images.take_pictures(world))


def plant_care(book: Book, world: World) -> Person | None:
    """Every mess of these subjects that the specification names, on people of their own; where
    alerts are records, those of alerts alone. Gives the guarantor whose balance is a cent off."""
    if book.ascend:
        messes_of_ascend.plant_all(book, world)
        return None
    if alerts.as_object(book):
        messes_of_chart.plant_alert_records(book, world)
        return None
    off = messes_of_money.plant_money(book, world)
    messes_of_visits.plant_visits(book, world)
    messes_of_visits.plant_notes(book, world)
    messes_of_visits.plant_journal(book, world)
    messes_of_chart.plant_alerts(book, world)
    messes_of_chart.plant_recalls(book, world)
    messes_of_chart.plant_images(book, world)
    messes_of_merges.plant_merges(book, world)
    return off


def settle(book: Book) -> None:
    """The balances of all families, once every entry of their ledgers is known."""
    ledger.write_aging(book)
