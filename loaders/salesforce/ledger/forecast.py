"""What a run would do now, counted: rows by what becomes of them, and jobs.

Nothing here talks to an org, and nothing is changed but files in a folder of the caller's.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from loaders.salesforce.ledger import changes, superseded
from loaders.salesforce.ledger.changes import MAX_FILES, MAX_ROWS, Counts
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step

# The org cuts a job into batches of so many records.
BATCH = 10_000


@dataclass(frozen=True)
class Cut:
    """The jobs a step's rows make: how many, their batches, rows and bytes."""

    jobs: int = 0
    batches: int = 0
    rows: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class StepForecast:
    """One step's rows. `held` counts the rows held back by class of problem (a row may have
    several), `left_out` the fields that stay empty; `counts` is None where the mart is not
    there."""

    step: str
    object: str
    is_update: bool
    counts: Counts | None
    held: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    superseded: int = 0
    gone: int = 0
    cut: Cut = field(default_factory=Cut)


def step_counts(con: duckdb.DuckDBPyConnection, step: Step, org: str) -> StepForecast:
    """A step's rows and problems; without counts where its mart is not as the YAML has it."""
    try:
        counts = changes.count(con, step, org)
        held, left_out = _problems(con, step)
    except (duckdb.CatalogException, duckdb.BinderException):
        return StepForecast(step.name, step.object, step.is_update, None)
    return StepForecast(step.name, step.object, step.is_update, counts, held, left_out)


def _problems(con: duckdb.DuckDBPyConnection, step: Step) -> tuple[dict[str, int], dict[str, int]]:
    rows = con.execute(
        "select p.class, count(distinct key) filter (where _held_back and p.held_back),"
        " count(*) filter (where not _held_back and not p.held_back)"
        f" from (select {name(step.external_id)} as key, _held_back, unnest(_problems) as p"
        f" from warehouse.{step.relation}) group by 1 order by 1"
    ).fetchall()
    return {r[0]: r[1] for r in rows if r[1]}, {r[0]: r[2] for r in rows if r[2]}


def cut(con: duckdb.DuckDBPyConnection, step: Step, plan: StepPlan, org: str, folder: Path) -> Cut:
    """The jobs that a run would send a step's rows in. The rows are written to `folder`, which
    is the caller's to remove."""
    frozen = folder / f"{step.name}.parquet"
    changes.freeze(con, step, org, frozen)
    ready = frozen
    if not plan.is_update:
        # The records an update step changes may come into being in the same run.
        before = _as_if_adopted(con, plan, frozen)
        ready = changes.prepare(con, plan, org, frozen, before)
    parts = list(changes.split(con, ready, MAX_FILES if plan.binary else MAX_ROWS))
    return Cut(
        jobs=len(parts),
        batches=0 if plan.binary else sum(-(-part.rows // BATCH) for part in parts),
        rows=sum(part.rows for part in parts),
        bytes=changes.bytes_of(con, ready),
    )


def _as_if_adopted(con: duckdb.DuckDBPyConnection, plan: StepPlan, frozen: Path) -> Path | None:
    """The records to adopt, as if each were there and empty: what it takes to cut their jobs."""
    if plan.binary or not changes.to_adopt(con, frozen):
        return None
    before = frozen.with_suffix(".before.parquet")
    fields = dict.fromkeys((*(c.api_name for c in plan.columns), plan.external_id))
    empty = ", ".join(f"null::varchar as {name(f)}" for f in fields)
    con.execute(
        f'copy (select distinct _adopt_id as "Id", {empty} from read_parquet({text(frozen)})'
        f" where _id is null and _adopt_id is not null) to {text(before)} (format parquet)"
    )
    return before


def superseded_by_step(
    con: duckdb.DuckDBPyConnection, project: Project, org: str
) -> dict[str, int]:
    """How many records of each step another step's record takes the place of."""
    pairs = superseded.pairs(project, project.steps)
    if pairs is None:
        return {}
    found = con.execute(f"select step, count(*) from ({pairs}) group by 1", {"org": org})
    return {row[0]: row[1] for row in found.fetchall()}
