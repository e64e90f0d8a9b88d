"""A made-up practice of two thousand, its truth worked out apart from the models: what the
specification says must come of its files is what the org, the corrections and the audit hold."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from tests.python.practice import already_there, audited, compare, ledger, practices
from tests.python.practice.book import ASCEND, Book
from tests.python.practice.later import later
from tests.python.practice.world import PROVIDERS
from tests.python.support import Migration

SHOWN = 40

# What Ascend's responses do not hold, by object, and why the records differ there.
NO_BALANCES = "no balances by guarantor"
NO_ADDRESS = "no address of a carrier; a family's is expected of either product on its own"
NO_CASE = "a case has a name, a status and a patient, and no more"
NO_PATH = "a document's storage is no path on a share of the practice's"
NOT_IN_ASCEND: dict[str, dict[str, str]] = {
    "Account": {
        "Balance_0_30__c": NO_BALANCES,
        "Balance_31_60__c": NO_BALANCES,
        "Balance_61_90__c": NO_BALANCES,
        "Balance_Over_90__c": NO_BALANCES,
        "Outstanding_Balance__c": NO_BALANCES,
        "BillingStreet": NO_ADDRESS,
        "BillingCity": NO_ADDRESS,
        "BillingState": NO_ADDRESS,
        "BillingPostalCode": NO_ADDRESS,
        "BillingCountry": NO_ADDRESS,
    },
    "Contact": {
        "Marital_Status__c": "no family position",
        "Last_Visit_Date__c": "only the first visit",
        "Original_Patient_Create_Date__c": "no create date",
        "Missed_Appointments__c": "no counter of broken appointments",
        "Title": "a title there is a form of address, not a degree",
        "Clinical_Alert__c": "no bit masks, which older G-series databases have beside the links",
        "Clinical_Alert_Details__c": "no bit masks",
        "Recall_Rule__c": "no type of provider for a recall",
        "Source_Imaging_URL__c": NO_PATH,
    },
    "Event": {
        "Appointment_Type__c": "no types of a practice's own",
        "Appointment_Status__c": "statuses of its own: no will call, and what is to come differs",
        "Subject": "names the type",
    },
    "Clinical_Note__c": {"Treatment_Plan__c": "a note names no case"},
    "Billing_Ledger__c": {"Description__c": "a text of its own; there the words of a type"},
    "Treatment_Plan__c": {
        "Plan_Date__c": NO_CASE,
        "Original_Create_Date__c": NO_CASE,
        "Name": "a nameless one is named after its date",
        "Provider__c": NO_CASE,
        "Provider_Contact__c": NO_CASE,
    },
    "Imaging_Reference__c": {"Category__c": "no category", "Source_URL__c": NO_PATH},
}


@dataclass(frozen=True)
class Moved:
    """A migration that ran to its end, the books of its practices, and what the org holds."""

    migration: Migration
    books: list[Book]
    options: dict[str, str]
    org: dict[str, compare.Records]

    def commands(self, *names: str) -> None:
        """Runs commands of which nothing but success is asked."""
        for name in names:
            self.migration.run(*name.split(), env=self.options)


BUILD = "dbt build --warn-error --exclude-resource-type unit_test"


def move(folder: Path, books: list[Book]) -> Moved:
    """Carries practices from their export sets all the way into an org that has Users."""
    options = folder / "migration.yml"
    own = {book.practice: book.options for book in books if book.options}
    options.write_text(yaml.safe_dump({"defaults": {}, "practices": own}))
    moved = Moved(Migration(folder / "home"), books, {"MIGRATION_CONFIG": str(options)}, {})
    sets = [practices.write(book, folder, zipped=at == 1) for at, book in enumerate(books)]
    moved.migration.run("load-raw", *sets, env=moved.options)
    moved.commands("load-sf pull")  # starts the org
    already_there.create_users(moved.migration)
    for account in books[0].accounts:
        already_there.create(moved.migration, "Account", **account)
    moved.commands("load-sf pull", BUILD, "load-sf schema deploy", "load-sf run")
    return replace(moved, org=compare.records_of(moved.migration))


@pytest.fixture(scope="module")
def g_series(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    """Three practices with Dentrix on a server of their own, in one warehouse and one org."""
    books = [practices.oak_park(), practices.cedar_lane(), practices.elm_street()]
    moved = move(tmp_path_factory.mktemp("g_series"), books)
    yield moved
    moved.migration.stop_org()


@pytest.fixture(scope="module")
def ascend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    """The large practice's people, had it been on Ascend."""
    moved = move(tmp_path_factory.mktemp("ascend"), [practices.maple_grove()])
    yield moved
    moved.migration.stop_org()


@pytest.fixture(params=["g_series", "ascend"])
def moved(request: pytest.FixtureRequest) -> Moved:
    either: Moved = request.getfixturevalue(request.param)
    return either


def held(lines: Iterable[str]) -> None:
    """Fails with the first of the differences and their number."""
    found = list(lines)
    assert not found, "\n".join([f"{len(found)} differences", *found[:SHOWN]])


def test_the_loader_finds_every_row_as_it_sent_it(moved: Moved) -> None:
    moved.commands("load-sf verify")


def test_every_record_arrives_with_every_field_right_and_no_other(moved: Moved) -> None:
    held(compare.record_differences(moved.org, moved.books))


def test_every_planted_defect_is_reported_under_its_class(moved: Moved) -> None:
    corrections = compare.Corrections(moved.migration)
    held(line for book in moved.books for line in compare.missing_corrections(corrections, book))


def test_the_extraction_audit_counts_every_planted_defect(moved: Moved) -> None:
    held(audited.audit_differences(moved.migration, moved.books))
    held(audited.lacking_differences(moved.migration))


def test_nothing_is_reported_where_nothing_is_wrong(moved: Moved) -> None:
    corrections = compare.Corrections(moved.migration)
    held(line for book in moved.books for line in compare.false_alarms(corrections, book))


def test_the_audit_lists_what_became_no_record(moved: Moved) -> None:
    audit = compare.Audit(moved.migration)
    held(line for book in moved.books for line in compare.audit_differences(audit, book))


def test_the_same_people_give_the_same_records(g_series: Moved, ascend: Moved) -> None:
    held(compare.twin_differences(g_series.org, ascend.org, in_g_series, NOT_IN_ASCEND))


def in_g_series(key: str) -> str:
    """What a key of the Ascend practice is in the other; any other text is what it was."""
    practice, kind, source_id = ([*key.split(":", 2), "", ""])[:3]
    if practice != "maple_grove":
        return key
    number = re.sub(r"\b1\d{12}\b", lambda match: str(int(match[0]) - ASCEND), source_id)
    if kind == "practice":
        return f"oak_park:{kind}:oak_park"
    codes = {str(9000 + provider.number): provider.code for provider in PROVIDERS}
    return f"oak_park:{kind}:{codes.get(number, number) if kind == 'provider' else number}"


def test_a_ledger_agrees_with_the_balances_but_for_a_planted_cent(g_series: Moved) -> None:
    oak, cedar, elm = g_series.books
    cents = {
        oak.practice: oak.find("aging", aging0to30="60.01"),
        elm.practice: elm.rows["aging"][0],
    }
    for book in (oak, cedar, elm):
        off = ledger.totals_off(g_series.migration, book.practice)
        expected = {str(cents[book.practice]["guarid"])} if book.practice in cents else set()
        assert off.keys() == expected
        assert all(abs(difference) == ledger.CENT for difference in off.values())


def test_the_months_of_a_clean_ledger_come_to_what_was_booked(g_series: Moved) -> None:
    for book in g_series.books[1:]:
        assert ledger.months_told(g_series.migration, book.practice) == ledger.months(book)


def test_payments_without_a_sign_are_flipped_and_that_is_said(g_series: Moved) -> None:
    said = {
        b.practice: ledger.flips_reported(g_series.migration, b.practice) for b in g_series.books
    }
    assert said["cedar_lane"]
    assert not said["oak_park"] and not said["elm_street"]


def test_a_delta_sends_what_it_changes_and_nothing_else(g_series: Moved, tmp_path: Path) -> None:
    """Rows changed, added, and removed in both ways a delta can say so."""
    after, keys = later(g_series.books[0], tmp_path / "later")
    g_series.migration.stop_org()
    copied = replace(g_series, migration=g_series.migration.copy(tmp_path / "home"))
    copied.migration.run("load-raw", tmp_path / "later", env=copied.options)
    copied.commands("load-sf pull", BUILD)
    said = json.loads(copied.migration.run("load-sf", "run", "--json", env=copied.options).stdout)
    try:
        assert said["sent"] == len(keys)
        org = compare.records_of(copied.migration)
        held(compare.record_differences(org, [after, *g_series.books[1:]]))
    finally:
        copied.migration.stop_org()
