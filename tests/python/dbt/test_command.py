"""The installed `dbt` speaks plainly where dbt itself would not."""

from pathlib import Path

import duckdb

from tests.python.support import Migration


def test_nothing_landed_is_one_clear_line(tmp_path: Path) -> None:
    refused = Migration(tmp_path / "home").run("dbt", "build", code=1)
    assert "Nothing has been landed" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 2


def test_a_warehouse_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    migration = Migration(tmp_path / "home")
    migration.run("load-sf", "pull")
    (migration.home / "warehouse.duckdb").write_text("no database" * 1000)
    refused = migration.run("dbt", "build", code=1)
    assert "is not a DuckDB database" in refused.stderr


def test_the_last_build_counts_though_the_clock_was_set_back_before_it(tmp_path: Path) -> None:
    migration = Migration(tmp_path / "home")
    migration.run("load-sf", "pull")
    seed = ("dbt", "seed", "--select", "cdt_codes")
    migration.run(*seed)
    ((first,),) = migration.rows("select invocation_id from migration_state.builds")
    with duckdb.connect(str(migration.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            "update migration_state.builds set started_at = started_at + interval 1 day"
        )
    migration.run(*seed)
    with duckdb.connect(str(migration.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            "update migration_state.builds set finished_at = null where invocation_id <> ?", [first]
        )
    refused = migration.run("load-sf", "run", code=3)
    assert "The last dbt build did not finish" in refused.stderr
