"""Practices by hand that no org is needed for: one home, built once."""

from dataclasses import dataclass

import pytest

from tests.python.built import garbage, ledger, staging
from tests.python.support import NO_UNIT_TESTS, TALKATIVE, Migration


@dataclass(frozen=True)
class Built:
    """The home, and what landing and building printed."""

    migration: Migration
    said: str


@pytest.fixture(scope="session")
def building(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    migration = Migration(folder / "home")
    landed = migration.run(
        "load-raw",
        *ledger.write_exports(folder),
        staging.write_export(folder / "yew"),
        garbage.write_export(folder / "garbage", "g_series"),
        garbage.write_export(folder / "garbage_of_ascend", "ascend"),
    )
    made = migration.run("dbt", "build", "--warn-error", *NO_UNIT_TESTS, env=TALKATIVE)
    return Built(migration, "".join(each.stdout + each.stderr for each in (landed, made)))


@pytest.fixture(scope="session")
def built(building: Built) -> Migration:
    return building.migration
