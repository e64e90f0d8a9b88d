"""Marts that say of themselves that a plan shows them: how many of what, and what to do.

meta:
  bridgework:
    shows: plan
    what: people of the source have no user      # completes "12 …"
    action: Make them users, or name a fallback owner
    count_by: [practice, reason]                 # never a person's own values
    columns: [practice, last_name, reason]       # on the page only
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from loaders.salesforce.ledger import meta
from loaders.salesforce.ledger.sql import name
from loaders.salesforce.ledger.steps import Project, own_words, relation_of

_KINDS = {
    "shows": str,
    "what": str,
    "action": str,
    "count_by": (list, str),
    "columns": (list, str),
}


@dataclass(frozen=True)
class ShownMart:
    """One such mart as it is now: `groups` are its values of `count_by`, each with its number;
    `rows` are its rows' `columns`, for a page that only its owner reads."""

    name: str
    what: str
    action: str
    total: int
    count_by: tuple[str, ...]
    groups: tuple[tuple[Any, ...], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def shown_marts(
    con: duckdb.DuckDBPyConnection, project: Project, command: str, most: int
) -> list[ShownMart]:
    """The marts that `command` shows, with up to `most` rows each; one that is not built is left
    out. Raises UserError where a mart's metadata is not as described."""
    found = []
    for node in project.nodes.values():
        said = own_words(node)
        if node["resource_type"] != "model" or said.get("shows") != command:
            continue
        meta.checked(f"{node['name']}: meta.bridgework", said, _KINDS, tuple(_KINDS))
        try:
            found.append(_shown(con, node, said, most))
        except (duckdb.CatalogException, duckdb.BinderException):
            continue
    return found


def _shown(
    con: duckdb.DuckDBPyConnection, node: dict[str, Any], said: dict[str, Any], most: int
) -> ShownMart:
    table = f"warehouse.{relation_of(node)}"
    by = ", ".join(name(column) for column in said["count_by"])
    columns = ", ".join(name(column) for column in said["columns"])
    groups = con.execute(f"select {by}, count(*) from {table} group by all order by all").fetchall()
    rows = con.execute(f"select {columns} from {table} order by all limit {most}").fetchall()
    return ShownMart(
        name=node["name"],
        what=said["what"],
        action=said["action"],
        total=sum(group[-1] for group in groups),
        count_by=tuple(said["count_by"]),
        groups=tuple(groups),
        columns=tuple(said["columns"]),
        rows=tuple(rows),
    )
