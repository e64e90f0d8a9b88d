"""The statements of a build, run straight in DuckDB: `python -m bench.straight`.

dbt has written each statement that made a model, and each test's query, as it ran them. Here they
run again in a database of their own, in the same order, by as many threads and with the same
settings, without dbt. What dbt adds to DuckDB is the difference.
"""

import json
import os
import shutil
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from loaders.home import PROJECT, Home, open_home

WORKERS = 2
"""Threads of dbt, as in profiles.yml."""


@dataclass(frozen=True)
class Node:
    """One model or data test: what dbt ran, how long it said that took, and what must be there."""

    unique_id: str
    name: str
    is_test: bool
    statements: Path
    needs: frozenset[str]
    dbt_seconds: float


def nodes_of(home: Home) -> list[Node]:
    """The models and data tests of the last build, in the order in which dbt began them."""
    manifest = json.loads((home.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    results = json.loads((home.dbt_target / "run_results.json").read_text(encoding="utf-8"))
    ran = sorted(
        (r for r in results["results"] if _began(r) and r["unique_id"] in manifest["nodes"]),
        key=_began,
    )
    made = [
        _node(manifest["nodes"][result["unique_id"]], result)
        for result in ran
        if manifest["nodes"][result["unique_id"]]["resource_type"] in ("model", "test")
    ]
    known = {node.unique_id for node in made}
    return [replace(node, needs=node.needs & known) for node in made]


def _began(result: dict[str, Any]) -> str:
    return next((t["started_at"] for t in result["timing"] if t["name"] == "execute"), "")


def _node(node: dict[str, Any], result: dict[str, Any]) -> Node:
    return Node(
        unique_id=node["unique_id"],
        name=node["name"],
        is_test=node["resource_type"] == "test",
        statements=Path(node["build_path"]),
        needs=frozenset(node["depends_on"]["nodes"]),
        dbt_seconds=float(result["execution_time"]),
    )


def run(home: Home) -> dict[str, float]:
    """Runs them all; gives each node's seconds. The database is removed."""
    folder = home.path / "bench" / "straight"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        # The statements name the database, which DuckDB names after the file.
        with duckdb.connect(str(folder / home.warehouse.name), config=_settings(folder)) as base:
            _prepare(base, home)
            return _run_in_order(base, nodes_of(home))
    finally:
        shutil.rmtree(folder)


def _settings(folder: Path) -> dict[str, Any]:
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    options = profile["bridgework"]["outputs"]["home"]["config_options"]
    return {
        **options,
        # `{{ env_var('BRIDGEWORK_MEMORY', '1200MB') }}`
        "memory_limit": os.environ.get("BRIDGEWORK_MEMORY", options["memory_limit"].split("'")[3]),
        "temp_directory": str(folder / "spilled"),
    }


def _prepare(base: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Schemas and seeds, as the build left them."""
    path = str(home.warehouse).replace("'", "''")
    base.execute(f"attach '{path}' as built (read_only)")
    found = base.execute("select schema_name from duckdb_schemas() where database_name = 'built'")
    for (schema,) in found.fetchall():
        base.execute(f'create schema if not exists "{schema}"')
    found = base.execute(
        "select table_name from duckdb_tables() where database_name = 'built'"
        " and schema_name = 'seeds'"
    )
    for (seed,) in found.fetchall():
        base.execute(f'create table seeds."{seed}" as from built.seeds."{seed}"')
    base.execute("detach built")


def _run_in_order(base: duckdb.DuckDBPyConnection, nodes: list[Node]) -> dict[str, float]:
    """Each node as soon as a thread is free and what it needs is there; never before those that
    dbt began earlier."""
    seconds: dict[str, float] = {}
    with ThreadPoolExecutor(WORKERS) as threads:
        running: dict[Future[float], str] = {}
        for node in nodes:
            while len(running) >= WORKERS or not node.needs <= seconds.keys():
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                seconds |= {running.pop(one): one.result() for one in done}
            running[threads.submit(_run_one, base.cursor(), node)] = node.unique_id
        seconds |= {name: one.result() for one, name in running.items()}
    return seconds


def _run_one(cursor: duckdb.DuckDBPyConnection, node: Node) -> float:
    begun = time.monotonic()
    statements = node.statements.read_text(encoding="utf-8")
    with cursor:
        if node.is_test:
            cursor.execute(statements).fetchall()
            return time.monotonic() - begun
        cursor.execute("begin")
        cursor.execute(statements)
        cursor.execute("commit")
    return time.monotonic() - begun


def main() -> int:
    """Runs the build of MIGRATION_HOME again and prints each node's seconds as JSON."""
    print(json.dumps(run(open_home())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
