"""The build gate: marts that are not the whole and fresh result of a good build never load."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import Exit, UserError
from loaders.salesforce.ledger import custom, sql
from loaders.salesforce.ledger.sql import text
from loaders.salesforce.ledger.steps import Project, Step

_GOOD = frozenset({"success", "pass", "warn", "no-op"})
# The file itself, where views over it stand as `warehouse`.
_BUILT = "built"
_REBUILD = "Run `dbt build`, then try again."


@dataclass(frozen=True)
class Outcome:
    """How a node of the dbt graph ended last."""

    status: str
    generation: str


def open_warehouse(
    con: duckdb.DuckDBPyConnection, warehouse: Path, steps: tuple[Step, ...]
) -> None:
    """Attaches the warehouse for reading, as `warehouse`; marts whose steps have custom fields of
    the practice's own show them as columns.

    Raises UserError where it does not exist, is held by another process or is no database.
    """
    if not warehouse.exists():
        raise UserError(
            f"There is nothing to load: {warehouse} does not exist.", _REBUILD, Exit.BLOCKED
        )
    spreading = {s.relation: s for s in steps if custom.spreads(s)}
    name = _BUILT if spreading else "warehouse"
    try:
        con.execute(f"attach {text(warehouse)} as {name} (read_only)")
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise UserError(
                f"{warehouse} is open in another process.",
                "Close that program (a dbt run, a database viewer), then try again.",
            ) from None
        raise UserError(f"{warehouse} is not a DuckDB database.", _REBUILD) from None
    if spreading:
        _show(con, spreading)


def _show(con: duckdb.DuckDBPyConnection, spreading: dict[str, Step]) -> None:
    """Puts views over all tables of the warehouse in its place."""
    con.execute("attach ':memory:' as warehouse")
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ?", [_BUILT]
    ).fetchall()
    for schema in {schema for schema, _ in tables}:
        con.execute(f"create schema if not exists warehouse.{sql.name(schema)}")
    for schema, table in tables:
        relation = f"{sql.name(schema)}.{sql.name(table)}"
        step, mart = spreading.get(relation), f"{_BUILT}.{relation}"
        rows = custom.spread(step, mart) if step else f"select * from {mart}"
        con.execute(f"create view warehouse.{relation} as {rows}")


def require_marts(con: duckdb.DuckDBPyConnection, steps: tuple[Step, ...]) -> None:
    """Raises UserError where the warehouse lacks a step's mart: it was built in part only."""
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name in"
        " ('warehouse', ?)",
        [_BUILT],
    ).fetchall()
    there = {f"{sql.name(schema)}.{sql.name(table)}" for schema, table in tables}
    lacking = [step.name for step in steps if step.relation not in there]
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        raise UserError(
            f"The warehouse lacks {', '.join(lacking[:3])}{more}.", _REBUILD, Exit.BLOCKED
        )


def close_warehouse(con: duckdb.DuckDBPyConnection) -> None:
    """Detaches what stands as `warehouse`, so that another process may write the file."""
    con.execute("detach warehouse")
    con.execute(f"detach database if exists {_BUILT}")


def pulled_org(con: duckdb.DuckDBPyConnection, raw_current: Path) -> str | None:
    """The Organization Id that `raw/` holds what it knows of, None before the first pull."""
    files = raw_current / "salesforce" / "organization"
    if not files.is_dir():
        return None
    found = con.execute(
        "select max(organization_id) from read_parquet(?)", [str(files / "*.parquet")]
    ).fetchone()
    return found[0] if found else None


def require_pull(pulled: str | None, org_id: str) -> None:
    """Raises UserError unless what was pulled came from this org."""
    if pulled is None:
        raise UserError(
            "Nothing was pulled from this org yet, so the marts do not know what it holds.",
            "Run `load-sf pull`, then `dbt build`.",
            Exit.BLOCKED,
        )
    # The last three of 18 characters only restate the case of the first 15.
    if pulled[:15] != org_id[:15]:
        raise UserError(
            f"The marts were built for org {pulled}, but this is org {org_id}.",
            "Run `load-sf pull`, then `dbt build`.",
            Exit.BLOCKED,
        )


def require_build(
    con: duckdb.DuckDBPyConnection, project: Project, steps: tuple[Step, ...], generation: str
) -> None:
    """Raises UserError, naming up to five reasons, where a step's mart must not load."""
    outcomes = _outcomes(con)
    reasons = list(_reasons(project, steps, outcomes, generation))
    if reasons:
        shown = "; ".join(reasons[:5])
        more = f"; and {len(reasons) - 5} more" if len(reasons) > 5 else ""
        raise UserError(f"The marts must not load: {shown}{more}.", _REBUILD, Exit.BLOCKED)


def require_unblocked(
    con: duckdb.DuckDBPyConnection, project: Project, command: str, allowed: Collection[str]
) -> None:
    """Raises UserError, with number and amount, where a mart's rows keep `command` from working
    and none of the `allowed` options lets it pass."""
    for block in project.blocks:
        if block.blocks != command or block.unless in allowed:
            continue
        added = f"sum({sql.name(block.amount)})" if block.amount else "null"
        row = con.execute(f"select count(*), {added} from warehouse.{block.relation}").fetchone()
        number, amount = row or (0, None)
        if number:
            come_to = "" if amount is None else f" They come to {amount:,.2f}."
            raise UserError(
                f"{number:,} {block.what}: see the mart {block.name}.{come_to}",
                f"{block.action}; or load all the same with --{block.unless}.",
                Exit.BLOCKED,
            )


def _outcomes(con: duckdb.DuckDBPyConnection) -> dict[str, Outcome]:
    try:
        newest = con.execute(
            "select finished_at from warehouse.migration_state.builds"
            " order by started_at desc limit 1"
        ).fetchone()
        rows = con.execute(
            "select unique_id, status, generation from warehouse.migration_state.nodes"
        ).fetchall()
    except duckdb.CatalogException:
        newest, rows = None, []
    if newest is None:
        raise UserError("The marts were never built.", _REBUILD, Exit.BLOCKED)
    if newest[0] is None:
        raise UserError("The last dbt build did not finish.", _REBUILD, Exit.BLOCKED)
    return {r[0]: Outcome(r[1], r[2]) for r in rows}


def _reasons(
    project: Project, steps: tuple[Step, ...], outcomes: dict[str, Outcome], generation: str
) -> Iterator[str]:
    nodes = project.nodes
    roots = [s.unique_id for s in steps]
    roots += [i for i, n in nodes.items() if n["resource_type"] == "model" and _remembers(n)]
    roots += [block.unique_id for block in project.blocks]
    needed = with_ancestors(nodes, roots)
    tests = {
        i
        for i, n in nodes.items()
        if n["resource_type"] == "test"
        and str(n["config"].get("severity", "error")).lower() == "error"
        and set(n["depends_on"]["nodes"]) & needed
    }
    for unique_id in sorted(needed) + sorted(tests):
        what = f"{nodes[unique_id]['resource_type']} {nodes[unique_id]['name']}"
        outcome = outcomes.get(unique_id)
        if outcome is None:
            yield f"{what} was not built" if unique_id in needed else f"{what} was not run"
        elif outcome.status not in _GOOD:
            yield f"{what} ended as {outcome.status}"
        elif outcome.generation != generation:
            yield f"{what} is from before the last landing or pull"


def _remembers(node: dict[str, Any]) -> bool:
    return "remember" in ((node["config"].get("meta") or {}).get("bridgework") or {})


def with_ancestors(nodes: dict[str, Any], roots: list[str], *, ephemeral: bool = False) -> set[str]:
    """Models, seeds and snapshots, and all they are made of; `ephemeral` ones live in those that
    use them: nothing of their own is ever built."""
    found: set[str] = set()
    todo = list(roots)
    while todo:
        unique_id = todo.pop()
        node = nodes.get(unique_id)
        if node is None or unique_id in found:
            continue
        if node["resource_type"] in ("model", "seed", "snapshot"):
            if ephemeral or node["config"].get("materialized") != "ephemeral":
                found.add(unique_id)
            todo += node.get("depends_on", {}).get("nodes", [])
    return found
