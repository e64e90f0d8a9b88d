"""A made-up Dental-Exec practice of more than a thousand, its truth worked out apart from the
models: what the specification says must come of its reports is what the org, the corrections and
the audit hold, beside two smaller practices and one that has Dentrix, in one warehouse and one
org."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from tests.python.practice import already_there, compare
from tests.python.practice import practices as dentrix
from tests.python.practice.book import Book
from tests.python.practice.world import PROVIDERS
from tests.python.practice_exec import messes_of_money, practices, write
from tests.python.practice_exec.clinic import FALLBACK, Clinic
from tests.python.practice_exec.later import EXTRACTED_AT, Later
from tests.python.support import Migration

SHOWN = 60
BUILD = "dbt build --warn-error --exclude-resource-type unit_test"

RUN = ("load-sf", "run", "--allow-open-claims", "--json")
VERIFY = ("load-sf", "verify", "--json")


@dataclass(frozen=True)
class Moved:
    """A migration that ran to its end, its practices, and what the org holds."""

    migration: Migration
    clinics: list[Clinic]
    dentrix: Book
    options: dict[str, str]
    org: dict[str, compare.Records]

    @property
    def books(self) -> list[Book]:
        return [*(clinic.book for clinic in self.clinics), self.dentrix]

    def commands(self, *names: str) -> None:
        """Runs commands of which nothing but success is asked."""
        for name in names:
            self.migration.run(*name.split(), env=self.options)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    """Three practices with Dental-Exec and one with Dentrix, carried into an org with Users."""
    folder = tmp_path_factory.mktemp("dental_exec")
    clinics = [practices.willow_creek(), practices.pine_hill(), practices.birch_row()]
    beside = dentrix.cedar_lane()
    books = [*(clinic.book for clinic in clinics), beside]
    options = folder / "migration.yml"
    own = {book.practice: book.options for book in books if book.options}
    options.write_text(yaml.safe_dump({"defaults": {}, "practices": own}))
    environment = {"MIGRATION_CONFIG": str(options)}
    moved = Moved(Migration(folder / "home"), clinics, beside, environment, {})
    sets = [write.write(clinic, folder / clinic.book.practice) for clinic in clinics]
    moved.migration.run("load-raw", *sets, dentrix.write(beside, folder), env=environment)
    moved.commands("load-sf pull")  # starts the org
    _create_users(moved.migration)
    moved.commands("load-sf pull", BUILD, "load-sf schema deploy")
    moved.commands("load-sf run --allow-open-claims")
    yield replace(moved, org=compare.records_of(moved.migration))
    moved.migration.stop_org()


def _create_users(migration: Migration) -> None:
    """The Users of the org: one who left, and two who share an address, are nobody's match."""
    emails = [provider.email for provider in PROVIDERS if provider.user]
    emails += ["fdoyle@example.com", "bcole@example.com", FALLBACK, "twice@example.com"]
    for email in [*emails, "twice@example.com"]:
        already_there.create_user(migration, email, email.split("@")[0])
    already_there.create_user(migration, "lortega@example.com", "Ortega", active=False)


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


def test_nothing_is_reported_where_nothing_is_wrong(moved: Moved) -> None:
    corrections = compare.Corrections(moved.migration)
    held(line for book in moved.books for line in compare.false_alarms(corrections, book))


def test_a_defect_is_reported_once(moved: Moved) -> None:
    """Under one class and field of one record, there is one entry a line."""
    twice = moved.migration.rows(
        "select practice, file, line, object, key, field, class, count(*)"
        " from migration.corrections where line is not null group by all having count(*) > 1"
    )
    held(map(str, twice))


def test_the_audit_lists_what_became_no_record(moved: Moved) -> None:
    audit = compare.Audit(moved.migration)
    held(line for book in moved.books for line in compare.audit_differences(audit, book))


def test_billing_agrees_with_the_balances_but_for_the_planted_ones(moved: Moved) -> None:
    for clinic in moved.clinics:
        rows = moved.migration.rows(
            "select key, sum(difference) from migration.control_totals where kind = 'patient'"
            f" and practice = '{clinic.book.practice}' and difference != 0 group by key"
        )
        assert {key: abs(off) for key, off in rows} == messes_of_money.off_balance(clinic)


def test_the_months_of_clean_billing_come_to_what_was_booked(moved: Moved) -> None:
    for clinic in moved.clinics[1:]:
        rows = moved.migration.rows(
            "select key, transaction_type, source_amount, mart_amount from migration.control_totals"
            f" where practice = '{clinic.book.practice}' and kind = 'month'"
        )
        assert [row for row in rows if row[2] != row[3]] == []
        told = {(month, kind): amount for month, kind, amount, _ in rows}
        assert told == messes_of_money.months(clinic)


def test_open_claims_are_listed_and_stop_a_run(moved: Moved) -> None:
    moved.migration.run("load-sf", "run", env=moved.options, code=3)
    listed = moved.migration.rows(
        "select claim_id from migration.open_claims where practice = 'willow_creek'"
    )
    assert {claim for (claim,) in listed} == messes_of_money.open_claims(moved.clinics[0])


def _stamps(migration: Migration, org: dict[str, compare.Records]) -> dict[tuple[str, str], object]:
    """When each record was touched last."""
    return {
        (name, row[compare.KEY]): (row["Id"], row["SystemModstamp"])
        for name in org
        for row in migration.query_org(
            f"select Id, {compare.KEY}, SystemModstamp from {name} where {compare.STANDS}"
        )
    }


def test_a_second_set_touches_what_it_changes_and_nothing_else(
    moved: Moved, tmp_path: Path
) -> None:
    """A full set again, in which an appointment is over and another to come once more, a defect
    is mended, rows are changed, added and gone."""
    stamps = _stamps(moved.migration, moved.org)
    moved.migration.stop_org()
    later = Later()
    after = practices.willow_creek(later)
    write.write(after, tmp_path / "later", EXTRACTED_AT)
    copied = replace(moved, migration=moved.migration.copy(tmp_path / "home"))
    copied.migration.run("load-raw", tmp_path / "later", env=copied.options)
    copied.commands("load-sf pull", BUILD)
    said = json.loads(copied.migration.run(*RUN, env=copied.options).stdout)
    try:
        expected = after.book.records.keys() - moved.clinics[0].book.records.keys() | later.sent
        org = compare.records_of(copied.migration)
        books = [after.book, *moved.books[1:]]
        held(compare.record_differences(org, books))
        objects = compare.OBJECTS["dental_exec"]
        sent = {(objects[step], key) for step, key in expected}
        then = _stamps(copied.migration, org)
        touched = {at for at, stamp in then.items() if stamps.get(at) != stamp}
        assert touched == sent
        assert said["sent"] == len(sent)
        deleted = {(objects[step], key) for step, key in later.superseded}
        assert stamps.keys() - then.keys() == deleted
        corrections = compare.Corrections(copied.migration)
        held(compare.missing_corrections(corrections, after.book))
        held(compare.false_alarms(corrections, after.book))
        verified = json.loads(copied.migration.run(*VERIFY, env=copied.options).stdout)
        gone = {(found["object"], key) for found in verified["gone"] for key in found["keys"]}
        assert gone == {(objects[step], key) for step, key in later.gone}
        again = json.loads(copied.migration.run(*RUN, env=copied.options).stdout)
        assert again["sent"] == 0
    finally:
        copied.migration.stop_org()
