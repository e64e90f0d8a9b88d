"""The installed `dbt` speaks plainly where dbt itself would not."""

from pathlib import Path

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
