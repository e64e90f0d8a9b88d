"""Small practices by hand, each made to try some rules: one home and one org for all of them, and
the same once more after the next exports of two."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.python.small import ascend, chart, custom, own_export, schedule
from tests.python.support import Migration

OPTIONS = f"""\
defaults:
  fallback_owner: Fallback@example.com
practices:
{chart.OPTIONS}{schedule.OPTIONS}"""


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    """All of them in the org, which has two Users, verified."""
    folder = tmp_path_factory.mktemp("small")
    options = folder / "migration.yml"
    options.write_text(OPTIONS)
    migration = Migration(folder / "home")
    land(
        migration,
        options,
        chart.write_export(folder / "on_contact", "on_contact"),
        chart.write_export(folder / "on_records", "on_records"),
        schedule.write_export(folder / "linden", "linden"),
        schedule.write_export(folder / "ash", "ash"),
        ascend.write_ascend(folder / "elm", ascend.ASCEND),
        ascend.write_g_series(folder / "oak"),
        own_export.write_export(folder / "My Export"),
    )
    # Starts the org, so that it can be given its users.
    migration.run("load-sf", "pull")
    schedule.create_users(migration.home)
    migration.run("load-sf", "pull")
    migration.build()
    migration.run("load-sf", "schema", "deploy")
    migration.run("load-sf", "run")
    # Activities of a year ago are archived, and read back all the same.
    assert json.loads(migration.run("load-sf", "verify", "--json").stdout)["equal"]
    return migration


def land(migration: Migration, options: Path, *exports: Path) -> None:
    migration.run("load-raw", *exports, env={"MIGRATION_CONFIG": str(options)})


@dataclass(frozen=True)
class Later:
    """The same after the next exports, two of them of practices with fields of their own: how many
    records were sent for them, and what was proposed for the fields."""

    migration: Migration
    sent: int
    proposed: list[dict[str, Any]]


@pytest.fixture(scope="session")
def later(migrated: Migration, tmp_path_factory: pytest.TempPathFactory) -> Later:
    folder = tmp_path_factory.mktemp("later")
    migrated.stop_org()
    copy = migrated.copy(folder / "home")
    migrated.run("load-sf", "run", "--dry-run", "--allow-open-claims")  # wakes its org again
    land(
        copy,
        migrated.home.with_name("migration.yml"),
        schedule.write_export(folder / "linden", "linden", *schedule.LATER),
        own_export.write_export(folder / "My Export", *own_export.LATER),
        custom.write_dentrix(folder / "cedar"),
        custom.write_dental_exec(folder / "birch"),
    )
    copy.run("load-sf", "pull")
    proposed = json.loads(copy.run("load-raw", "propose", "--json").stdout)
    custom.decide(copy.home / "custom_fields.yml")
    copy.run("load-raw", "confirm", "--by", "Ann")
    copy.build()
    copy.run("load-sf", "schema", "deploy")
    said = json.loads(copy.run("load-sf", "run", "--json").stdout)
    assert json.loads(copy.run("load-sf", "verify", "--json").stdout)["equal"]
    return Later(copy, said["sent"], proposed["added"])
