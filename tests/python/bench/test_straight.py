"""The statements of a build run again without dbt, all of them, and leave the build alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.export import write_practice
from bench.straight import nodes_of
from loaders.home import Home
from tests.python.support import PROJECT, Migration, environment

pytestmark = pytest.mark.long


def test_a_build_runs_again_without_dbt(tmp_path: Path) -> None:
    migration = Migration(tmp_path / "home")
    write_practice(tmp_path / "export", 2_000)
    migration.run("load-raw", tmp_path / "export")
    migration.build()
    before = (migration.home / "warehouse.duckdb").stat().st_mtime_ns
    again = subprocess.run(
        [sys.executable, "-m", "bench.straight"],
        env=environment(migration.home),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    nodes = nodes_of(Home(migration.home))
    assert {node.is_test for node in nodes} == {True, False}
    seconds = json.loads(again.stdout)
    assert set(seconds) == {node.unique_id for node in nodes}
    assert all(each > 0 for each in seconds.values())
    assert (migration.home / "warehouse.duckdb").stat().st_mtime_ns == before
    assert not (migration.home / "bench" / "straight").exists()
