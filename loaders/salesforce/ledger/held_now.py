"""Records that were loaded before and whose row is held back now: the org has them as they were.

Nothing here talks to an org.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger.compare import sampled
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Step
from loaders.spreadsheet import write_query

_KEYS_SHOWN = 3


@dataclass(frozen=True)
class HeldNow:
    """Such records of one step: how many, and the first keys."""

    step: str
    object: str
    count: int
    keys: tuple[str, ...]


def count(con: duckdb.DuckDBPyConnection, step: Step, org: str) -> int:
    """How many of a step there are, as far as the manifest knows."""
    row = con.execute(f"select count(*) from ({_query(step)})", {"org": org}).fetchone()
    return int(row[0]) if row else 0


def read_back(
    con: duckdb.DuckDBPyConnection, step: Step, table: str, org: str, sample: float | None
) -> HeldNow:
    """Those of a step that the org has, by its records in `table`, whoever loaded them; those the
    manifest knows where only a `sample` was read, in which they are not."""
    key = name(step.external_id)
    query = f"from ({_query(step)}) where {sampled('key', sample)}"
    if sample is None:
        # What an update step said of a record only the manifest tells.
        held = _query(step) if step.is_update else _held(step)
        query = f"from ({held}) semi join (select {key} as key from {name(table)}) using (key)"
    row = con.execute(
        f"select count(*), coalesce(min(key, {_KEYS_SHOWN}), []) {query}",
        {"org": org} if "$org" in query else {},
    ).fetchone()
    number, keys = row or (0, [])
    return HeldNow(step.name, step.object, int(number), tuple(keys))


def write_list(con: duckdb.DuckDBPyConnection, steps: Iterable[Step], org: str, file: Path) -> int:
    """Writes them for people to read: step, object, key, Id, and whether the row says other than
    what was sent last; keys, no values. Gives how many there are."""
    rows = " union all ".join(
        f"select step, {text(step.object)} as object, key, id, differs from ({_query(step)})"
        for step in steps
    )
    file.parent.mkdir(mode=0o700, exist_ok=True)
    write_query(con, f"{rows} order by all", file, {"org": org})
    row = con.execute(f"select count(*) from ({rows})", {"org": org}).fetchone()
    return int(row[0]) if row else 0


def _held(step: Step) -> str:
    """The keys of rows that are held back, but for those that are also the key of a row that is
    not. Few are: they are found first, so that the mart need not be grouped."""
    key = name(step.external_id)
    mart = f"warehouse.{step.relation}"
    held = f"select {key} as key, _row_hash as row_hash from {mart} where _held_back"
    live = (
        f"select {key} as key from {mart} where not _held_back"
        f" and {key} in (select {key} from {mart} where _held_back)"
    )
    return (
        f"select key, any_value(row_hash) as row_hash from ({held}) anti join ({live}) using (key)"
        " group by key"
    )


def _query(step: Step) -> str:
    """The records of a step: step, key, id, differs; takes the parameter org."""
    return (
        "select r.step, r.key, r.id, r.row_hash is distinct from m.row_hash as differs"
        f" from ({_held(step)}) as m join records as r on r.key = m.key and r.org = $org"
        f" and r.step = {text(step.name)} and r.id is not null and r.action <> 'deleted'"
    )
