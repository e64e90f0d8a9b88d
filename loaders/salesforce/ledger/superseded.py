"""Records that another step's record has taken the place of: an appointment kept as an event
until it took place, and as a task since.

A pair is a row of the later step and the record its like had in the superseded one. Only records
that this project created are in pairs, and only those their own mart no longer has.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step


@dataclass(frozen=True)
class Superseded:
    """A record to delete: its step and object, its key and Id."""

    step: str
    object: str
    key: str
    id: str


def pairs(project: Project, steps: tuple[Step, ...]) -> str | None:
    """A query of the pairs as they are now: later_step, later, step, object, key, id; None where
    no step supersedes another. Takes the parameter org."""
    parts = []
    for later in steps:
        if later.supersedes is None:
            continue
        earlier = project.step(later.supersedes)
        parts.append(
            f"select {text(later.name)} as later_step, m.{name(later.external_id)} as later,"
            f" {text(earlier.name)} as step, {text(earlier.object)} as object, r.key, r.id"
            f" from warehouse.{later.relation} as m"
            f" join records as r on r.org = $org and r.step = {text(earlier.name)}"
            " and r.key = m._supersedes and r.id is not null and r.action <> 'deleted'"
            f" anti join warehouse.{earlier.relation} as own"
            f" on own.{name(earlier.external_id)} = r.key"
            " where not m._held_back and (r.action = 'created' or r.id in"
            " (select c.id from created as c where c.org = $org and c.step = r.step))"
        )
    return " union all ".join(parts) or None


def count(
    con: duckdb.DuckDBPyConnection, project: Project, steps: tuple[Step, ...], org: str
) -> int:
    """How many records have been superseded and are still there."""
    found = pairs(project, steps)
    row = con.execute(f"select count(*) from ({found})", {"org": org}).fetchone() if found else None
    return int(row[0]) if row else 0


def freeze(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    steps: tuple[Step, ...],
    org: str,
    file: Path,
) -> None:
    """Writes the pairs to Parquet."""
    con.execute(f"copy ({pairs(project, steps)}) to {text(file)} (format parquet)", {"org": org})


def due(con: duckdb.DuckDBPyConnection, file: Path, org: str) -> list[Superseded]:
    """The records of frozen pairs whose later one is in the org, and that are there still."""
    rows = con.execute(
        "select distinct p.step, p.object, p.key, p.id from read_parquet($file) as p"
        " join records as r on r.org = $org and r.step = p.step and r.id = p.id"
        " and r.action <> 'deleted'"
        " join records as l on l.org = $org and l.step = p.later_step and l.key = p.later"
        " and l.id is not null and l.action <> 'deleted' order by all",
        {"file": str(file), "org": org},
    ).fetchall()
    return [Superseded(*row) for row in rows]


def frozen(con: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    """The superseded steps that frozen pairs name."""
    rows = con.execute("select distinct step from read_parquet(?) order by 1", [str(file)])
    return [row[0] for row in rows.fetchall()]
