"""Reads back what an org holds of this project's records, to hold the marts against it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loaders import terminal
from loaders.salesforce.api import bulk, files
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import compare, results
from loaders.salesforce.ledger.compare import Against, FilesHeld
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import StepPlan, plan_step
from loaders.salesforce.ledger.sql import name
from loaders.salesforce.ledger.steps import Project, Step

CREATOR = "CreatedById"
_KEYS_A_QUERY = 1_000
Query = Callable[[Org, str, Polling, Path], list[Path]]
"""Asks the org by SOQL and gives its answer as CSV files in a folder."""


@dataclass(frozen=True)
class ReadBack:
    """What was read: each object's steps and table, each step's plan, and what files show. The
    temporary table `keys` has each record's Id and key."""

    steps: dict[str, list[Step]]
    tables: dict[str, str]
    plans: dict[str, StepPlan]
    held: dict[str, FilesHeld]

    def against(self, step: Step, org: str, sample: float | None = None) -> Against:
        """A step, to be held against what was read of its object."""
        plan, table = self.plans[step.name], self.tables[step.object]
        return Against(step, plan, table, org, sample, self.held.get(step.object))


def read_back(
    s: Session,
    manifest: Manifest,
    project: Project,
    sample: float | None,
    folder: Path,
    query: Query = bulk.query_all,
) -> ReadBack:
    """Reads every object's records that bear our key, deleted ones apart, each object into a
    temporary view `org_<object>`; a share of those of the marts where `sample` is a percentage."""
    objects: dict[str, list[Step]] = {}
    for step in project.steps:
        objects.setdefault(step.object, []).append(step)
    own = {step.name: step.object for step in project.steps}
    plans: dict[str, StepPlan] = {}
    with terminal.watching("Reading the org back") as tell:
        for number, (sobject, steps) in enumerate(objects.items(), 1):
            tell(f"{sobject}, {number} of {len(objects)} objects")
            describe = s.org.describe(sobject)
            plans |= {step.name: plan_step(step, describe, own) for step in steps}
            _read(s, manifest, steps, [plans[st.name] for st in steps], sample, folder, query)
    tables = {o: f"org_{o}" for o in objects}
    with_keys = {o: (tables[o], steps[0].external_id) for o, steps in objects.items()}
    compare.id_map(manifest.con, with_keys, s.identity.id)
    of_files = {plan.object for plan in plans.values() if plan.binary}
    held = {o: _files_held(s, manifest, tables[o], folder, query) for o in sorted(of_files)}
    return ReadBack(objects, tables, plans, held)


def _read(
    s: Session,
    manifest: Manifest,
    steps: list[Step],
    plans: list[StepPlan],
    sample: float | None,
    folder: Path,
    query: Query,
) -> None:
    columns = [*compare.read_back_columns(plans), CREATOR]
    if any(plan.binary for plan in plans):
        columns += [files.DOCUMENT, files.CHECKSUM, files.SIZE]
    sobject, key = steps[0].object, steps[0].external_id
    soql = f"SELECT {', '.join(columns)} FROM {sobject} WHERE IsDeleted = false AND {key}"
    pages: list[Path] = []
    if sample is None:
        pages = query(s.org, f"{soql} != null", Polling(), folder)
    else:
        keys = compare.sample_keys(manifest.con, steps, sample)
        for start in range(0, len(keys), _KEYS_A_QUERY):
            listed = ", ".join(_soql(k) for k in keys[start : start + _KEYS_A_QUERY])
            pages += query(s.org, f"{soql} IN ({listed})", Polling(), folder)
    rows = folder / f"{sobject}.parquet"
    compare.load_org_rows(manifest.con, f"org_{sobject}", pages, columns, rows)
    for page in pages:
        page.unlink()


def _files_held(
    s: Session, manifest: Manifest, table: str, folder: Path, query: Query
) -> FilesHeld:
    """What the org says of the files in `table`, and the records each is shown on."""
    documents = [
        str(row[0])
        for row in manifest.con.execute(
            f"select distinct {name(files.DOCUMENT)} from {name(table)} order by 1"
        ).fetchall()
    ]
    pages: list[Path] = []
    for start in range(0, len(documents), _KEYS_A_QUERY):
        soql = files.links_of(documents[start : start + _KEYS_A_QUERY])
        pages += query(s.org, soql, Polling(), folder)
    rows = results.union(pages, [files.DOCUMENT, files.LINKED])
    manifest.con.execute(
        f"create or replace temp table file_links as select distinct"
        f" {name(files.DOCUMENT)} as document, {name(files.LINKED)} as record from ({rows})"
    )
    return FilesHeld(files.CHECKSUM, files.SIZE, files.DOCUMENT, "file_links")


def _soql(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
