"""dbt's unit tests, on a home that holds nothing: every model builds there too."""

from pathlib import Path

from tests.python.support import Migration


def test_an_empty_home_builds_and_all_unit_tests_pass(tmp_path: Path) -> None:
    migration = Migration(tmp_path / "home")
    migration.run("load-sf", "pull")
    built = migration.run("dbt", "build", "--warn-error")
    assert "ERROR=0 SKIP=0" in built.stdout
    assert "unit tests" in built.stdout
    assert migration.rows("select count(*) from salesforce.dentrix__patient") == [(0,)]
    migration.run("dbt", "docs", "generate", "--static")
    assert (migration.home / "target" / "static_index.html").stat().st_size > 1_000_000
