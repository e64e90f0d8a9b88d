"""The practices of the tests: a large one with every mess there is, two small ones beside it whose
ledgers are signed in other ways."""

from tests.python.practice.book import Book
from tests.python.practice.world import World, make_world
from tests.python.practice_exec import (
    chart,
    defects,
    duplicates,
    messes_of_chart,
    messes_of_money,
    messes_of_schedule,
    money,
    people,
    schedule,
)
from tests.python.practice_exec.clinic import FALLBACK, PROVIDERS, Clinic, write_staff
from tests.python.practice_exec.later import Later, change, mendable

FAMILIES = 440


def willow_creek(later: Later | None = None) -> Clinic:
    """The large one: more than a thousand ordinary people, and everything that can be wrong; with
    `later` as its next export has it."""
    options = {"fallback_owner": FALLBACK, "max_file_mb": 1, "lead_company": "Someone who asked"}
    clinic = Clinic(Book("willow_creek", "dental_exec", options=options), _world(FAMILIES, 20))
    _ordinary(clinic)
    defects.plant_defects(clinic)
    duplicates.plant_duplicates(clinic)
    messes_of_schedule.plant_schedule(clinic)
    messes_of_money.plant_money(clinic)
    messes_of_chart.plant_chart(clinic)
    mendable(clinic, later)
    if later:
        change(clinic, later)
    people.settle(clinic)
    return clinic


def pine_hill() -> Clinic:
    """A small one, whose patients' numbers are the large one's too: payments without a sign, no
    fallback owner, an hour ahead."""
    export = {"time_zone": "America/New_York"}
    clinic = Clinic(Book("pine_hill", "dental_exec", export=export), _world(25, 21), unsigned=True)
    clinic.world.zone = export["time_zone"]
    _ordinary(clinic)
    people.settle(clinic)
    return clinic


def birch_row() -> Clinic:
    """A small one without a defect. In its files a charge is negative."""
    export = {"ledger_sign": "charges_negative", "practice_name": "Birch Row Dental"}
    clinic = Clinic(Book("birch_row", "dental_exec", export=export), _world(25, 22))
    _ordinary(clinic)
    key = clinic.book.key("practice", "birch_row")
    clinic.book.record("practice", key, Name="Birch Row Dental")
    people.settle(clinic)
    return clinic


def _world(families: int, seed: int) -> World:
    return make_world(families, seed, providers=PROVIDERS)


def _ordinary(clinic: Clinic) -> None:
    write_staff(clinic)
    people.write_people(clinic)
    people.write_relations(clinic)
    schedule.write_schedule(clinic)
    schedule.write_tasks(clinic)
    works = money.write_treatment(clinic)
    money.write_billing(clinic, works)
    money.write_production(clinic)
    chart.write_notes(clinic)
    chart.write_docs(clinic)
    chart.write_prospects(clinic)
