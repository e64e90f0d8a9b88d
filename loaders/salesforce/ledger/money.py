"""Money, added up on both sides: what the marts hold and what the org holds, to the cent.

Sums are held against each other for each record whose rows are kept together (the guarantor or
patient of a ledger line), else for each record itself.
"""

from dataclasses import dataclass

import duckdb

from loaders.salesforce.ledger.compare import sampled
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name
from loaders.salesforce.ledger.steps import Step

_KEYS_SHOWN = 3


@dataclass(frozen=True)
class MoneyTotal:
    """One amount of a step: its sum in the mart and in the org, over how many `groups` it was
    held, in how many of them the two differ, and the keys of the first. `by` says what a group
    is: the step whose records the rows belong to, or "records"."""

    step: str
    object: str
    field: str
    mart: str
    org: str
    by: str
    groups: int
    differing: int
    keys: tuple[str, ...]


def totals(
    con: duckdb.DuckDBPyConnection, step: Step, plan: StepPlan, table: str, sample: float | None
) -> list[MoneyTotal]:
    """Every amount of a step that is not held back, against the records in `table`. Needs the
    temporary table `keys`; a row that the org has not adds nothing there."""
    amounts = [
        (f.column, c.api_name)
        for f, c in zip(step.fields, plan.columns, strict=True)
        if f.type == "Currency"
    ]
    if not amounts:
        return []
    key = name(step.external_id)
    mine, theirs = f"m.{key}", f"m.{key}"
    join = ""
    lock = step.lock
    if lock:
        api_name = next(c.api_name for c in plan.columns if c.column == lock.column)
        mine = f"coalesce(m.{name(lock.column)}, {mine})"
        theirs = f"coalesce(k.key, o.{name(api_name)}, m.{key})"
        join = f" left join keys as k on k.id = o.{name(api_name)}"
    rows = (
        f"select * from warehouse.{step.relation} where not _held_back and {sampled(key, sample)}"
    )
    ours = ", ".join(f"sum(m.{name(c)}) as a{n}" for n, (c, _) in enumerate(amounts))
    held = ", ".join(
        f"sum(try_cast(o.{name(a)} as decimal(38, 9))) as a{n}" for n, (_, a) in enumerate(amounts)
    )
    con.execute(
        "create or replace temp table sums as"
        f" with mart as (select {mine} as key, {ours} from ({rows}) as m group by all),"
        f" org as (select {theirs} as key, {held} from ({rows}) as m"
        f" join {name(table)} as o on o.{key} = m.{key}{join} group by all)"
        f" select coalesce(mart.key, org.key) as key, mart.* exclude (key),"
        f" {', '.join(f'org.a{n} as o{n}' for n in range(len(amounts)))}"
        " from mart full join org on org.key = mart.key"
    )
    by = lock.lookup if lock and lock.lookup else "records"
    return [_total(con, step, column, n, by) for n, (column, _) in enumerate(amounts)]


def _total(con: duckdb.DuckDBPyConnection, step: Step, column: str, n: int, by: str) -> MoneyTotal:
    differs = f"coalesce(a{n}, 0) <> coalesce(o{n}, 0)"
    row = con.execute(
        f"select coalesce(sum(a{n}), 0), coalesce(sum(o{n}), 0), count(*),"
        f" count(*) filter (where {differs}),"
        f" coalesce((list(key order by key) filter (where {differs}))[:{_KEYS_SHOWN}], [])"
        " from sums"
    ).fetchone()
    mart, org, groups, differing, keys = row or (0, 0, 0, 0, [])
    return MoneyTotal(
        *(step.name, step.object, column, f"{mart:.2f}", f"{org:.2f}", by, groups, differing),
        tuple(keys),
    )
