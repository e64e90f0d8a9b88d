"""A made-up practice of two thousand, its truth worked out apart from the models: what the
specification says must come of its files is what the org, the corrections and the audit hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml

from loaders.salesforce.api.clock import SystemClock
from loaders.salesforce.api.local import ensure
from tests.python.practice import compare, defects, duplicates, insurance, people, write_g_series
from tests.python.practice.book import Book
from tests.python.practice.world import PROVIDERS, make_world
from tests.python.support import Migration

SHOWN = 40
STEPS = ("practice", "family", "carrier", "provider", "patient", "guarantor", "insurance")


@dataclass(frozen=True)
class Moved:
    """A migration that ran to its end, and the books of its practices."""

    migration: Migration
    books: list[Book]


def make_oak_park() -> Book:
    """The large practice."""
    book, world = Book("oak_park"), make_world(800)
    people.write_practice(book, world)
    people.write_people(book, world)
    plans = insurance.write_carriers(book)
    insurance.insure_people(book, world, plans)
    insurance.plant_insurance(book, world, plans)
    defects.plant_defects(book, world)
    duplicates.plant_duplicates(book, world, plans)
    return book


def move(home: Path, books: list[Book]) -> Migration:
    """Carries export sets all the way into an org that already has Users."""
    migration = Migration(home)
    options = home.with_name("migration.yml")
    practices = {book.practice: book.options for book in books if book.options}
    options.write_text(yaml.safe_dump({"defaults": {}, "practices": practices}))
    env = {"MIGRATION_CONFIG": str(options)}
    sets = [home.with_name(book.practice) for book in books]
    migration.run("load-raw", *sets, env=env)
    migration.run("load-sf", "pull", env=env)  # starts the org
    create_users(migration)
    migration.run("load-sf", "pull", env=env)
    migration.run("dbt", "build", "--warn-error", "--exclude-resource-type", "unit_test", env=env)
    migration.run("load-sf", "schema", "deploy", env=env)
    migration.run("load-sf", "run", env=env)
    migration.run("load-sf", "verify", env=env)
    return migration


def create_users(migration: Migration) -> None:
    """The Users the practice's people already are in the org."""
    door = ensure(migration.home / "local_org", SystemClock())
    service = door.url + "/services/data/v67.0"
    headers = {"Authorization": f"Bearer {door.token}"}
    asked = requests.get(
        service + "/query", params={"q": "select ProfileId from User"}, headers=headers, timeout=30
    )
    for provider in PROVIDERS:
        if provider.user:
            user = {
                "Username": f"{provider.email}.crm",
                "Email": provider.email.title(),
                "LastName": provider.last,
                "Alias": provider.code,
                "ProfileId": asked.json()["records"][0]["ProfileId"],
                "TimeZoneSidKey": "America/Chicago",
                "LocaleSidKey": "en_US",
                "EmailEncodingKey": "UTF-8",
                "LanguageLocaleKey": "en_US",
            }
            made = requests.post(service + "/sobjects/User", json=user, headers=headers, timeout=30)
            assert made.ok, made.text


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    folder = tmp_path_factory.mktemp("whole")
    books = [make_oak_park()]
    for book in books:
        write_g_series.write(book, folder / book.practice)
    migration = move(folder / "home", books)
    yield Moved(migration, books)
    migration.stop_org()


def held(lines: list[str]) -> None:
    """Fails with the first of the differences and their number."""
    assert not lines, "\n".join([f"{len(lines)} differences", *lines[:SHOWN]])


def test_every_record_arrives_with_every_field_right_and_no_other(moved: Moved) -> None:
    held(compare.record_differences(moved.migration, moved.books, STEPS))


def test_every_planted_defect_is_reported_under_its_class(moved: Moved) -> None:
    corrections = compare.Corrections(moved.migration)
    held([line for book in moved.books for line in compare.missing_corrections(corrections, book)])


def test_nothing_is_reported_where_nothing_is_wrong(moved: Moved) -> None:
    corrections = compare.Corrections(moved.migration)
    held([line for book in moved.books for line in compare.false_alarms(corrections, book)])


def test_the_audit_lists_what_became_no_record(moved: Moved) -> None:
    held(
        [line for book in moved.books for line in compare.audit_differences(moved.migration, book)]
    )
