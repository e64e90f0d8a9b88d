"""What a run would do now, counted: rows by what becomes of them, and jobs.

Nothing here talks to an org, and nothing is changed but files in a folder of the caller's.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from loaders.salesforce.ledger import changes, requests, superseded
from loaders.salesforce.ledger.changes import MAX_FILES, MAX_ROWS, Counts
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step

# The org cuts a job into batches of so many records.
BATCH = 10_000


@dataclass(frozen=True)
class Cut:
    """The jobs a step's rows make: how many, their batches, rows and bytes.

    `corrections` are requests for a few known records, which no job is made for; `read` are the
    records whose values are kept before they are changed.
    """

    jobs: int = 0
    batches: int = 0
    rows: int = 0
    bytes: int = 0
    corrections: int = 0
    read: int = 0
    is_files: bool = False


@dataclass(frozen=True)
class Rename:
    """A record whose name changes, though it is the same record."""

    key: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Renames:
    """How many they are, and the first of them, for a page that only its owner reads."""

    number: int = 0
    first: tuple[Rename, ...] = ()


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
    renames: Renames = field(default_factory=Renames)


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


def cut(
    con: duckdb.DuckDBPyConnection,
    step: Step,
    plan: StepPlan,
    org: str,
    folder: Path,
    few: tuple[int, int],
) -> Cut:
    """The jobs that a run would send a step's rows in. The rows are written to `folder`, which
    is the caller's to remove. Corrections have less than `few` rows, and no more bytes."""
    frozen = folder / f"{step.name}.parquet"
    changes.freeze(con, step, org, frozen)
    ready = frozen
    if not plan.is_update:
        # The records an update step changes may come into being in the same run.
        before = _as_if_adopted(con, plan, frozen)
        ready = changes.prepare(con, plan, org, frozen, before)
    parts = list(changes.split(con, ready, MAX_FILES if plan.binary else MAX_ROWS))
    small = not plan.binary and requests.is_small(con, ready, *few, all_known=plan.is_update)
    bulk = [] if small else parts
    return Cut(
        jobs=len(bulk),
        batches=0 if plan.binary else sum(-(-part.rows // BATCH) for part in bulk),
        rows=sum(part.rows for part in parts),
        bytes=changes.bytes_of(con, ready),
        corrections=len(parts) if small else 0,
        read=_known(con, plan, org, frozen),
        is_files=bool(plan.binary),
    )


def _known(con: duckdb.DuckDBPyConnection, plan: StepPlan, org: str, frozen: Path) -> int:
    """How many of the records that a step's rows change are in the org already."""
    known, params = "_id is not null or _adopt_id is not null", [str(frozen)]
    if plan.is_update:
        known = (
            "_key in (select key from records where org = ? and step = ? and id is not null"
            " and action <> 'deleted')"
        )
        params += [org, str(plan.of)]
    row = con.execute(f"select count(*) from read_parquet(?) where {known}", params).fetchone()
    return int(row[0]) if row else 0


def renames(
    con: duckdb.DuckDBPyConnection, step: Step, column: str, org: str, runs: Path, most: int
) -> Renames:
    """The records of a step whose name, in `column`, is not what a run sent last; by the rows
    that runs have frozen. Of a record that no run of this home sent nothing is known."""
    con.execute("create or replace temp table renamed (key varchar, was varchar, becomes varchar)")
    rows = f"{changes.source(step)} where {changes.is_changed(step)} and r.action <> 'rejected'"
    ran = con.execute(f"select distinct r.run {rows}", [org, step.name]).fetchall()
    for (run,) in ran:
        frozen = runs / str(run) / f"{step.name}.parquet"
        if frozen.exists():
            con.execute(
                f"insert into renamed select f._key, f.{name(column)}, c.becomes"
                f" from (select r.key, m.{name(column)} as becomes {rows} and r.run = ?) as c"
                " join read_parquet(?) as f on f._key = c.key"
                f" where f.{name(column)} <> c.becomes",
                [org, step.name, run, str(frozen)],
            )
    first = con.execute(f"from renamed order by all limit {most}").fetchall()
    row = con.execute("select count(*) from renamed").fetchone()
    return Renames(int(row[0]) if row else 0, tuple(Rename(*each) for each in first))


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
