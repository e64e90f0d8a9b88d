"""What became of the marts' rows in an org: counted by object, and told of single records.

Nothing here talks to an org: it is what the manifest knows, held against the marts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step

# In this order on every page.
OUTCOMES = ("created", "taken_over", "refused", "held_back", "waiting")


@dataclass(frozen=True)
class ObjectTally:
    """The rows of an object, over all steps that make its records, by what became of them; they add
    up to `rows`.

    `created` are records this project made, `taken_over` those that were there before it (adopted,
    or recovered), `refused` those the org took nothing of the last time, `waiting` those a run has
    still to send. `in_org` of all these are in the org: what was refused, or is held back now, may
    be there as an earlier run sent it.
    """

    object: str
    rows: int
    in_org: int
    created: int
    taken_over: int
    refused: int
    held_back: int
    waiting: int


@dataclass(frozen=True)
class StepTally(ObjectTally):
    """The same of one step. An update step (`is_update`) fills fields of another step's records,
    and makes none: `created` counts those it filled."""

    step: str
    is_update: bool


@dataclass(frozen=True)
class Brought:
    """Records of an object that this project created in an org, and the bytes of their files."""

    object: str
    records: int
    file_bytes: int


def steps(con: duckdb.DuckDBPyConnection, project: Project, org: str) -> list[StepTally]:
    """Each step's rows, in load order. Needs the warehouse attached."""
    return [_step(con, step, org) for step in project.steps]


def objects(tallies: Iterable[StepTally]) -> list[ObjectTally]:
    """By object, in the order they load."""
    found: dict[str, list[StepTally]] = {}
    for tally in tallies:
        if not tally.is_update:
            found.setdefault(tally.object, []).append(tally)
    return [
        ObjectTally(
            sobject,
            sum(t.rows for t in of),
            sum(t.in_org for t in of),
            *(sum(getattr(t, outcome) for t in of) for outcome in OUTCOMES),
        )
        for sobject, of in found.items()
    ]


def _step(con: duckdb.DuckDBPyConnection, step: Step, org: str) -> StepTally:
    rows, found = _outcomes(step), {"org": org}
    counted = dict(
        con.execute(f"select outcome, count(*) from ({rows}) group by 1", found).fetchall()
    )
    there = con.execute(
        f"select count(distinct key) from ({rows}) where id is not null", found
    ).fetchone()
    return StepTally(
        object=step.object,
        rows=sum(counted.values()),
        in_org=there[0] if there else 0,
        **{outcome: counted.get(outcome, 0) for outcome in OUTCOMES},
        step=step.name,
        is_update=step.is_update,
    )


def _outcomes(step: Step) -> str:
    """A query of a step's keys, what became of each, and what is known of it; takes `org`.

    A row that is held back may bear the key of another that is not: it comes first.
    """
    new = "r.key is not null" if step.is_update else "c.key is not null"
    return (
        f"select {text(step.name)} as step, {text(step.object)} as object, m.key,"
        " case when r.action <> 'deleted' then r.id end as id, r.code,"
        " r.run, r.job, r.moved_at, case when m._held_back then 'held_back'"
        " when r.action = 'rejected' then 'refused'"
        " when r.id is null or r.action = 'deleted' then 'waiting'"
        f" when {new} then 'created' else 'taken_over' end as outcome"
        f" from (select {name(step.external_id)} as key, _held_back"
        f" from warehouse.{step.relation}) as m"
        f" left join (from records where org = $org and step = {text(step.name)}) as r"
        " on r.key = m.key"
        " left join (select distinct key from created where org = $org and step ="
        f" {text(step.name)}) as c on c.key = m.key"
    )


def lives(
    con: duckdb.DuckDBPyConnection, project: Project, org: str, keys: str, most: int
) -> list[tuple[object, ...]]:
    """What became of up to `most` of the records whose keys the query `keys` gives: key, object,
    step, outcome, Id, error code, run, job and when (UTC)."""
    parts = " union all ".join(_outcomes(step) for step in project.steps)
    return con.execute(
        "select key, object, step, replace(outcome, '_', ' '), id, code, run, job,"
        f" strftime(moved_at, '%Y-%m-%d %H:%M') from ({parts})"
        f" where key in ({keys}) order by key, step limit {most}",
        {"org": org},
    ).fetchall()


def brought(con: duckdb.DuckDBPyConnection, project: Project, org: str) -> list[Brought]:
    """What this project created in an org, by object, most first."""
    found = con.execute(
        "select c.step, count(*), coalesce(sum(f.bytes), 0) from"
        " (select distinct org, step, key from created) as c join records as r on r.org = c.org"
        " and r.step = c.step and r.key = c.key and r.action <> 'deleted' left join"
        " (select step, key, max(bytes) as bytes from files where org = $org and state = 'done'"
        " group by step, key) as f on f.step = c.step and f.key = c.key"
        " where c.org = $org group by c.step",
        {"org": org},
    ).fetchall()
    objects_of = {step.name: step.object for step in project.steps}
    by_object: dict[str, list[int]] = {}
    for step, records, file_bytes in found:
        # A step that was renamed since is known by its old name only.
        of = by_object.setdefault(objects_of.get(step, step), [0, 0])
        of[0], of[1] = of[0] + records, of[1] + file_bytes
    most_first = sorted(by_object.items(), key=lambda each: -each[1][0])
    return [Brought(sobject, *numbers) for sobject, numbers in most_first]
