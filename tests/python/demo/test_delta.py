"""The week after: what changed is sent, and nothing else in the org is touched."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo import delta, practice
from demo.maple_street import later
from demo.maple_street import practice as maple_street
from tests.python.support import Migration

pytestmark = pytest.mark.long

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
    "Provider_Patient_Junction__c",
    "Treatment_History__c",
    "Billing_Record__c",
    "Production_Metrics__c",
    "Lead",
    "ContentVersion",
)
Stamps = dict[str, tuple[str, bool]]


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    folder = tmp_path_factory.mktemp("week")
    migration = Migration(folder / "home")
    exports = (folder / "oak_park" / "export", folder / "maple_street" / "export")
    practice.write(exports[0])
    maple_street.write(exports[1])
    migration.run("load-raw", *exports)
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
    """When each record was last touched, and whether it was deleted."""
    return {
        record["Migration_Key__c"]: (record["SystemModstamp"], record["IsDeleted"])
        for name in OBJECTS
        for record in migration.query_org(
            f"select Migration_Key__c, SystemModstamp, IsDeleted from {name}"
            " where Migration_Key__c != null"
        )
    }


def _land_the_week(migration: Migration, folder: Path) -> None:
    delta.write(folder)
    migration.run("load-raw", folder / "oak_park", folder / "maple_street")


def test_a_week_moves_what_happened_and_nothing_else(migration: Migration, tmp_path: Path) -> None:
    before = _stamps(migration)
    _land_the_week(migration, tmp_path)
    _load(migration)
    after = _stamps(migration)
    oak, maple = delta.week(), later.week()
    assert oak.gone and oak.gone | maple.gone <= set(before)
    # What is gone from the source is reported, and stays in the org until a person says otherwise.
    assert set(before) <= set(after)
    moved = {key for key, stamp in after.items() if before.get(key) != stamp}
    assert moved == oak.moved | maple.moved | maple.superseded
    # A visit that was kept is a task and no event any more, and the other way round.
    assert {key for key, (_, deleted) in after.items() if deleted} == maple.superseded


def test_the_same_week_again_sends_nothing(migration: Migration, tmp_path: Path) -> None:
    before = _stamps(migration)
    _land_the_week(migration, tmp_path)
    loaded = _load(migration)
    assert loaded["runs"] == []
    assert _stamps(migration) == before
