"""The practices of the tests: a large one with every mess there is, two small ones beside it, and
the large one's ordinary people once more as Ascend would hold them."""

import shutil
from pathlib import Path

from tests.python.practice import (
    already_there,
    ascend_defects,
    care,
    defects,
    duplicates,
    insurance,
    people,
    write_ascend,
    write_g_series,
)
from tests.python.practice.book import Book
from tests.python.practice.ledger import CENT
from tests.python.practice.world import World, make_world

FAMILIES = 800


def oak_park() -> Book:
    """The large one: two thousand ordinary people, and everything that can be wrong."""
    options = {"imaging_base_url": "https://images.example.com/oak"}
    book, world = Book("oak_park", options=options), make_world(FAMILIES)
    plans = _ordinary(book, world)
    care.write_care(book, world)
    insurance.plant_insurance(book, world, plans)
    defects.plant_defects(book, world)
    duplicates.plant_duplicates(book, world, plans)
    care.plant_care(book, world)
    care.settle(book)
    book.accounts = already_there.plant_accounts(book, world)
    return book


def cedar_lane() -> Book:
    """A small one, whose patients' numbers are the large one's too; payments without a sign,
    visits and alerts as objects of their own; an hour ahead."""
    options = {"appointments_as": "appointment", "clinical_alerts": "object"}
    book, world = Book("cedar_lane", options=options), make_world(25, seed=21, shift=3000)
    world.zone = book.export["time_zone"] = "America/New_York"
    _ordinary(book, world)
    care.write_care(book, world, unsigned=True)
    care.plant_care(book, world)
    care.settle(book)
    return book


def elm_street() -> Book:
    """A small one without a defect, but for one guarantor's balance, which is a cent off. In its
    files a charge is negative; it wants no work done elsewhere."""
    options, export = {"include_existing_work": False}, {"ledger_sign": "charges_negative"}
    book = Book("elm_street", options=options, export=export)
    world = make_world(25, seed=22, shift=3200)
    _ordinary(book, world)
    care.write_care(book, world)
    care.settle(book)
    row = book.rows["aging"][0]
    row["aging0to30"] += CENT
    for name in ("Balance_0_30__c", "Outstanding_Balance__c"):
        book.record("family", book.key("family", row["guarid"]))[name] += CENT
    return book


def maple_grove() -> Book:
    """The large one's ordinary people, exported by Ascend; the practice says its name itself."""
    export = {"practice_name": "Oak Park"}
    book, world = Book("maple_grove", "ascend", export=export), make_world(FAMILIES)
    plans = _ordinary(book, world)
    book.record("practice", book.key("practice", book.practice), Name="Oak Park")
    care.write_care(book, world)
    world.next_number += 1000  # nobody with the number of someone else at the large one
    ascend_defects.plant(book, world, plans)
    care.plant_care(book, world)
    book.accounts = already_there.plant_accounts(book, world)
    return book


def _ordinary(book: Book, world: World) -> list[insurance.Plan]:
    people.write_practice(book, world)
    people.write_people(book, world)
    plans = insurance.write_carriers(book)
    insurance.insure_people(book, world, plans)
    return plans


def write(book: Book, folder: Path, *, zipped: bool = False) -> Path:
    """Writes a practice's export set as its product would: a folder, or a .zip of one."""
    put = write_ascend.write if book.ascend else write_g_series.write
    export = put(book, folder / book.practice, **book.export)
    return Path(shutil.make_archive(str(export), "zip", export)) if zipped else export
