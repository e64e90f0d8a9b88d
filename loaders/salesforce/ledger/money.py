"""Money, added up on both sides: what the marts hold and what the org holds, to the cent.

Sums are held against each other for each record whose rows are kept together (the guarantor or
patient of a ledger line), else for each record itself. What an adoption left as it found it is in
neither sum: the org's amount is not ours to judge.
"""

from dataclasses import dataclass

import duckdb

from loaders.salesforce.ledger.compare import Against, sampled
from loaders.salesforce.ledger.plan import Column
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Step

_KEYS_SHOWN = 3


@dataclass(frozen=True)
class MoneyTotal:
    """One amount of a step: its sum in the mart and in the org, over how many `groups` it was
    held, in how many of them the two differ, and the keys of the first; `kept` amounts are in
    neither sum. `by` says what a group is: the step whose records the rows belong to, or
    "records"."""

    step: str
    object: str
    field: str
    mart: str
    org: str
    by: str
    groups: int
    differing: int
    kept: int
    keys: tuple[str, ...]


def totals(con: duckdb.DuckDBPyConnection, against: Against) -> list[MoneyTotal]:
    """Every amount of a step that is not held back, against the org's. Needs the temporary table
    `keys`; a row that the org has not adds nothing there."""
    step = against.step
    amounts = [
        (f.column, c)
        for f, c in zip(step.fields, against.plan.columns, strict=True)
        if f.type == "Currency"
    ]
    if not amounts:
        return []
    _stage(con, against, amounts)
    by = step.lock.lookup if step.lock and step.lock.lookup else "records"
    return [_total(con, step, column, n, by) for n, (column, _) in enumerate(amounts)]


def _stage(
    con: duckdb.DuckDBPyConnection, against: Against, amounts: list[tuple[str, Column]]
) -> None:
    """Makes the temporary table `sums`: by family or patient, else by record, each amount of the
    mart and of the org."""
    step = against.step
    key = f"m.{name(step.external_id)}"
    mine, parent, stays = key, "null::varchar", "true"
    if lock := step.lock:
        api_name = next(c.api_name for c in against.plan.columns if c.column == lock.column)
        mine = f"coalesce(m.{name(lock.column)}, {key})"
        parent, stays = f"o.{name(api_name)}", _is_kept(api_name)
    is_sampled = sampled(name(step.external_id), against.sample)
    rows = (
        f"(select * from warehouse.{step.relation} where not _held_back and {is_sampled}) as m"
        " left join (select key, fields from kept where org = $org and step = $step) as t"
        f" on t.key = {key}"
    )
    of = {"org": against.org, "step": step.name}
    # One join and one grouping a statement: what all of them hold at once does not spill.
    con.execute(
        f"create or replace temp table in_mart as select {mine} as key, {_sums(amounts)}"
        f" from {rows} group by all",
        of,
    )
    con.execute(
        f"create or replace temp table pairs as select {key} as own, {mine} as mine,"
        f" {parent} as parent, {stays} as stays, {_amounts_in_org(amounts)}"
        f" from {rows} join {name(against.table)} as o on o.{name(step.external_id)} = {key}",
        of,
    )
    found, join = "p.parent, p.own", ""
    if lock:
        found, join = f"k.key, {found}", " left join keys as k on k.id = p.parent"
    added = ", ".join(f"sum(p.o{n}) as o{n}" for n in range(len(amounts)))
    con.execute(
        "create or replace temp table in_org as select"
        f" case when p.stays then p.mine else coalesce({found}) end as key, {added}"
        f" from pairs as p{join} group by all"
    )
    con.execute(
        "create or replace temp table sums as select coalesce(m.key, o.key) as key,"
        " m.* exclude (key), o.* exclude (key)"
        " from in_mart as m full join in_org as o on o.key = m.key"
    )
    con.execute("drop table in_mart; drop table pairs; drop table in_org")


def _is_kept(api_name: str) -> str:
    return f"coalesce(list_contains(t.fields, {text(api_name)}), false)"


def _sums(amounts: list[tuple[str, Column]]) -> str:
    """Each amount of the marts as `a<n>`, and as `k<n>` how many of them were kept."""
    return ", ".join(
        f"sum(m.{name(column)}) filter (where not {_is_kept(c.api_name)}) as a{n},"
        f" count(*) filter (where {_is_kept(c.api_name)}) as k{n}"
        for n, (column, c) in enumerate(amounts)
    )


def _amounts_in_org(amounts: list[tuple[str, Column]]) -> str:
    """Each amount of the org as `o<n>`, null where it does not count."""
    parts = []
    for n, (column, c) in enumerate(amounts):
        theirs = f"try_cast(o.{name(c.api_name)} as decimal(38, 9))"
        counts = f"not {_is_kept(c.api_name)}"
        if c.never_blank:
            # Where we say nothing, the org's own value is right.
            counts += f" and m.{name(column)} is not null"
        parts.append(f"case when {counts} then {theirs} end as o{n}")
    return ", ".join(parts)


def _total(con: duckdb.DuckDBPyConnection, step: Step, column: str, n: int, by: str) -> MoneyTotal:
    differs = f"coalesce(a{n}, 0) <> coalesce(o{n}, 0)"
    row = con.execute(
        f"select coalesce(sum(a{n}), 0), coalesce(sum(o{n}), 0), count(*),"
        f" count(*) filter (where {differs}), coalesce(sum(k{n}), 0),"
        f" coalesce((list(key order by key) filter (where {differs}))[:{_KEYS_SHOWN}], [])"
        " from sums"
    ).fetchone()
    mart, org, groups, differing, kept, keys = row or (0, 0, 0, 0, 0, [])
    return MoneyTotal(
        *(step.name, step.object, column, f"{mart:.2f}", f"{org:.2f}", by),
        *(groups, differing, int(kept), tuple(keys)),
    )
