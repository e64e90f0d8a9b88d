"""A made-up Dental-Exec practice of more than a thousand, its truth worked out apart from the
models: what the specification says must come of its reports is what the org, the corrections and
the audit hold, beside two smaller practices and one that has Dentrix, in one warehouse and one
org."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest
import yaml

from loaders.home import Home
from loaders.report.corrections import write_corrections
from tests.python.practice import already_there, audited, compare
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


def test_what_waits_names_the_record_to_correct(moved: Moved) -> None:
    rows = moved.migration.rows
    waits = "select count(*), count(waits_for) from migration.corrections where class"
    (found,) = rows(f"{waits} = 'parent_held_back'")
    assert found[0] == found[1] > 20
    assert rows(f"{waits} != 'parent_held_back'")[0][1] == 0
    faults = rows(
        "select key from migration.corrections where held_back and class != 'parent_held_back'"
    )
    assert compare.waiting(moved.migration).keys() <= {key for (key,) in faults}


def test_each_who_must_act_has_their_corrections_in_a_file(moved: Moved) -> None:
    home, read = Home(moved.migration.home), {}
    left = home.reports / "corrections" / "nobody.csv"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("of an earlier report")
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        written = write_corrections(warehouse, home)
    assert not left.exists()
    for who, (file, rows) in written.by_person.items():
        assert file.stat().st_mode & 0o777 == 0o600
        with file.open(newline="") as lines:
            read[who] = list(csv.DictReader(lines))
        assert len(read[who]) == rows and {row["who"] for row in read[who]} == {who}
        todo = [row["action"] for row in read[who]]
        assert todo == sorted(todo)
    assert read.keys() == {"front desk", "billing", "clinical", "admin"}
    [(entries,)] = moved.migration.rows("select count(*) from migration.corrections")
    assert sum(map(len, read.values())) == entries
    waiting = compare.waiting(moved.migration)
    told = [row for rows in read.values() for row in rows if row["waiting"] not in ("", "0")]
    assert {row["key"] for row in told} == waiting.keys()
    assert all(int(row["waiting"]) == len(waiting[row["key"]]) for row in told)


def test_the_extraction_audit_counts_every_planted_defect(moved: Moved) -> None:
    held(audited.audit_differences(moved.migration, moved.books))
    held(audited.lacking_differences(moved.migration))


def test_the_extraction_audit_counts_documents_by_their_state(moved: Moved) -> None:
    lines = [one for one in audited.said(moved.migration) if one["table"] == "docs"]
    for clinic in moved.clinics:
        told = {
            one["finding"].removeprefix("document_"): int(one["count"])
            for one in lines
            if one["practice"] == clinic.book.practice and one["finding"].startswith("document_")
        }
        assert told == audited.documents(clinic.book, clinic.files, clinic.links)


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
        before, then_waiting = compare.waiting(moved.migration), compare.waiting(copied.migration)
        (mended,) = before.keys() - then_waiting.keys()
        assert len(before[mended]) >= 3
        of_them = f"key in {(mended, *before[mended])}"
        assert not copied.migration.rows(f"select 1 from migration.corrections where {of_them}")
        verified = json.loads(copied.migration.run(*VERIFY, env=copied.options).stdout)
        gone = {(found["object"], key) for found in verified["gone"] for key in found["keys"]}
        assert gone == {(objects[step], key) for step, key in later.gone}
        again = json.loads(copied.migration.run(*RUN, env=copied.options).stdout)
        assert again["sent"] == 0
    finally:
        copied.migration.stop_org()
