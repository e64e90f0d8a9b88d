"""The week after: what changed is sent, and nothing else in the org is touched."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.delta import week, write
from demo.practice import write as write_practice
from tests.python.support import Migration

OBJECTS = (
    "Account",
    "Contact",
    "Insurance_Detail__c",
    "Treatment_Plan__c",
    "Procedure__c",
    "Billing_Ledger__c",
    "Clinical_Note__c",
    "Clinical_Alert__c",
    "Imaging_Reference__c",
    "Event",
    "Task",
)
Stamps = dict[str, str]


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    folder = tmp_path_factory.mktemp("week")
    migration = Migration(folder / "home")
    write_practice(folder / "full" / "oak_park")
    migration.run("load-raw", folder / "full" / "oak_park")
    _load(migration)
    return migration


def _load(migration: Migration) -> dict[str, Any]:
    migration.run("load-sf", "pull")
    migration.build()
    migration.run("load-sf", "schema", "deploy")
    loaded: dict[str, Any] = json.loads(
        migration.run("load-sf", "run", "--json", "--allow-open-claims").stdout
    )
    migration.run("load-sf", "verify")
    return loaded


def _stamps(migration: Migration) -> Stamps:
    return {
        record["Migration_Key__c"]: record["SystemModstamp"]
        for name in OBJECTS
        for record in migration.query_org(
            f"select Migration_Key__c, SystemModstamp from {name} where Migration_Key__c != null"
        )
    }


def test_a_week_moves_what_happened_and_nothing_else(migration: Migration, tmp_path: Path) -> None:
    before = _stamps(migration)
    write(tmp_path / "delta")
    migration.run("load-raw", tmp_path / "delta")
    _load(migration)
    after = _stamps(migration)
    happened = week()
    assert happened.gone and happened.gone <= set(before)
    # What is gone from the source is reported, and stays in the org until a person says otherwise.
    assert set(before) <= set(after)
    moved = {key for key, stamp in after.items() if before.get(key) != stamp}
    assert moved == happened.moved


def test_the_same_week_again_sends_nothing(migration: Migration, tmp_path: Path) -> None:
    before = _stamps(migration)
    write(tmp_path / "delta")
    migration.run("load-raw", tmp_path / "delta")
    loaded = _load(migration)
    assert loaded["runs"] == []
    assert _stamps(migration) == before
