"""What is known of one record: the marts that have it, the merges that led to it, and every move
the manifest noted."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from loaders.errors import Exit, UserError
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step

_NEAREST = 5


@dataclass(frozen=True)
class Move:
    """What a run did with a record in one step: `frozen` is the file its row was sent from."""

    step: str
    run: str
    kind: str
    at: datetime | None
    action: str
    job: str | None
    code: str | None
    fields: str | None
    id: str | None
    frozen: Path | None


@dataclass(frozen=True)
class Merged:
    """A source row that arrives as this record: the key it would have had, and why."""

    key: str
    rule: str | None
    file: str | None
    line: int | None


def key_of(con: duckdb.DuckDBPyConnection, org: str | None, said: str) -> str:
    """The Migration_Key__c of what a person named: a key, or the Id of a record of this org."""
    if ":" in said:
        return said
    row = con.execute(
        "select key from (select key, id, org, run from records union all"
        " select key, id, org, run from replaced)"
        " where id is not null and id[:15] = ? and (org = ? or ? is null)"
        " order by run desc nulls last limit 1",
        [said[:15], org, org],
    ).fetchone()
    if row is None:
        raise UserError(
            "No record of that Id was loaded from here into this org.",
            "Name a Migration_Key__c: <practice>:<kind>:<source id>.",
            Exit.USAGE,
        )
    return str(row[0])


def survivor_of(con: duckdb.DuckDBPyConnection, project: Project, key: str) -> str:
    """The key of the record a merged row arrives as; its own where it was not merged."""
    for mart in project.remembered:
        row = con.execute(
            f"select survivor_key from warehouse.{mart.relation} where merged_key = ?", [key]
        ).fetchone()
        if row:
            return str(row[0])
    return key


def merged_into(con: duckdb.DuckDBPyConnection, project: Project, key: str) -> list[Merged]:
    """The rows that arrive as this record, besides its own."""
    found: list[Merged] = []
    for mart in project.remembered:
        table = f"warehouse.{mart.relation}"
        known = {r[0] for r in con.execute(f"describe select * from {table}").fetchall()}
        rest = ", ".join(c if c in known else "null" for c in ("rule", "file", "line"))
        rows = con.execute(
            f"select merged_key, {rest} from {table} where survivor_key = ? order by 1", [key]
        ).fetchall()
        found += [Merged(*row) for row in rows]
    return found


def steps_with(con: duckdb.DuckDBPyConnection, project: Project, key: str) -> list[Step]:
    """The steps whose mart has a row of this key."""
    return [
        step
        for step in project.steps
        if con.execute(
            f"select 1 from warehouse.{step.relation} where {name(step.external_id)} = ? limit 1",
            [key],
        ).fetchone()
    ]


def moves(con: duckdb.DuckDBPyConnection, org: str | None, key: str, runs: Path) -> list[Move]:
    """All that runs did with a record in this org, oldest first."""
    rows = con.execute(
        "select m.step, m.run, coalesce(r.kind, 'recovered'), m.moved_at, m.action, m.job, m.code,"
        " m.fields, m.id from (select org, step, key, run, moved_at, action, job, code, fields, id"
        " from records union select org, step, key, run, moved_at, action, job, code, fields, id"
        " from replaced) as m left join runs as r on r.run = m.run"
        " where m.key = ? and (m.org = ? or ? is null) order by m.run nulls first,"
        " m.moved_at, m.step",
        [key, org, org],
    ).fetchall()
    found = []
    for row in rows:
        frozen = runs / str(row[1]) / f"{row[0]}.parquet"
        found.append(Move(*(*row, frozen if frozen.exists() else None)))
    return found


def sent(con: duckdb.DuckDBPyConnection, move: Move, key: str) -> dict[str, str | None]:
    """The fields that a run sent of a record, as they were frozen; none where that is gone."""
    if move.frozen is None:
        return {}
    result = con.execute(f"select * from read_parquet({text(move.frozen)}) where _key = ?", [key])
    columns = [d[0] for d in result.description or ()]
    row = result.fetchone()
    if row is None:
        return {}
    return {c: v for c, v in zip(columns, row, strict=True) if not c.startswith("_")}


def nearest(con: duckdb.DuckDBPyConnection, project: Project, key: str) -> list[str]:
    """Keys like one that nothing has: of its practice and kind, the nearest first."""
    prefix = key.rpartition(":")[0] + ":"
    parts = [
        f"select {name(s.external_id)} as key from warehouse.{s.relation}" for s in project.steps
    ]
    rows = con.execute(
        f"select key from ({' union '.join(parts)}) where starts_with(key, ?)"
        f" order by levenshtein(key, ?), key limit {_NEAREST}",
        [prefix, key],
    ).fetchall()
    return [str(row[0]) for row in rows]
