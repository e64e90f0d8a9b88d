"""Deletes records at a run's end: those that another step's record has taken the place of, once
that one is in, and, where it was asked for, those that are gone from the source.

Their values are saved first, all of them, so that a rollback can put them back. A delete may be
sent twice: what is deleted already counts as done.
"""

from dataclasses import dataclass
from pathlib import Path

from loaders.salesforce.api import collections
from loaders.salesforce.api.org import Org
from loaders.salesforce.commands import before, holding
from loaders.salesforce.commands.progress import RunProgress
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import missing, outcomes, results, superseded
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import StepPlan, plan_step, read_plan, write_plan
from loaders.salesforce.ledger.steps import Project, Step
from loaders.salesforce.ledger.superseded import Superseded

PAIRS = "superseded.parquet"
"""A run's file of the records that others have taken the place of."""
_MISSING, _PLANS = "missing.parquet", "superseded.json"
_ROUNDS = 3
# It is not there any more, whoever deleted it.
_GONE = ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")


def freeze(
    s: Session,
    manifest: Manifest,
    project: Project,
    steps: tuple[Step, ...],
    folder: Path,
    *,
    delete_missing: bool,
) -> None:
    """Writes what a run will have to delete, and how those records are read, children first."""
    con, org = manifest.con, s.identity.id
    leave: set[str] = set()
    if superseded.count(con, project, steps, org):
        superseded.freeze(con, project, steps, org, folder / PAIRS)
        leave |= set(superseded.frozen(con, folder / PAIRS))
    if delete_missing and missing.freeze(con, project, steps, org, folder / _MISSING):
        leave |= set(superseded.frozen(con, folder / _MISSING))
    if not leave:
        return
    # What update steps said of a record goes with it.
    leave |= {step.name for step in project.steps if step.is_update and step.of in leave}
    objects = {step.name: step.object for step in project.steps}
    plans = tuple(
        plan_step(step, s.org.describe(step.object), objects)
        for step in reversed(project.steps)
        if step.name in leave
    )
    write_plan(plans, folder / _PLANS)


def carry_out(
    s: Session, manifest: Manifest, progress: RunProgress
) -> list[tuple[Superseded, str]]:
    """Deletes what is due at a run's end; gives what the org refused to delete, and its code."""
    folder, con, org = progress.folder, manifest.con, s.identity.id
    if not (folder / _PLANS).exists():
        return []
    plans = {plan.name: plan for plan in read_plan(folder / _PLANS)}
    deletes = _Deletes(s.org, org, manifest, folder, progress.run, plans)
    stay: list[tuple[Superseded, str]] = []
    pairs, gone = folder / PAIRS, folder / _MISSING
    due = superseded.due(con, pairs, org) if pairs.exists() else []
    unasked = missing.due(con, gone, org) if gone.exists() else []
    leaving = {record.id for record in (*due, *unasked)}
    for step, plan in plans.items():
        records = [record for record in due if record.step == step]
        lost = [record for record in unasked if record.step == step]
        # Of all of them: what others hold now may be free when the run is carried on.
        doomed = [*records, *lost]
        if doomed:
            deletes.save_values(step, doomed)
            for more in plans.values():
                if more.is_update and more.of == step:
                    deletes.save_values(more.name, doomed)
        if lost:
            pages = folder / "children"
            held = holding.held(s.org, manifest, org, plan, lost, leaving, pages)
            stay += [(record, holding.HELD) for record in lost if record.id in held]
            records += [record for record in lost if record.id not in held]
            # What stays holds what it looks up in turn.
            leaving -= held
        if records:
            stay += deletes.delete(step, records)
    deleted = outcomes.deleted(manifest, progress.run)
    progress.missing = missing.deleted(con, gone, org, progress.run) if gone.exists() else 0
    progress.superseded = deleted - progress.missing
    progress.not_deleted = len(stay)
    return stay


@dataclass(frozen=True)
class _Deletes:
    org: Org
    org_id: str
    manifest: Manifest
    folder: Path
    run: str
    plans: dict[str, StepPlan]

    def save_values(self, step: str, records: list[Superseded]) -> None:
        """Writes the records, as the org has them, beside the run's rows."""
        reader = before.Reader(self.org, self.manifest.con, self.folder / "before")
        kept = self.folder / f"{step}.superseded.parquet"
        before.save_deleted(reader, self.plans[step], [r.id for r in records], kept)

    def delete(self, step: str, records: list[Superseded]) -> list[tuple[Superseded, str]]:
        refused: list[tuple[Superseded, str]] = []
        for start in range(0, len(records), collections.MOST):
            left = [(record, "") for record in records[start : start + collections.MOST]]
            for round_ in range(_ROUNDS + 1):
                # Whoever held a lock needs a moment to let go of it.
                self.org.clock.sleep(0.5 * round_)
                left = self._delete_some(step, [record for record, _ in left])
                if not any(results.is_passing(code) for _, code in left):
                    break
            refused += left
        return refused

    def _delete_some(self, step: str, records: list[Superseded]) -> list[tuple[Superseded, str]]:
        saved = collections.delete(self.org, [record.id for record in records])
        done, left = [], []
        for record, said in zip(records, saved, strict=True):
            if said.code is None or said.code in _GONE:
                done.append(record.key)
            else:
                left.append((record, said.code))
        outcomes.save_deleted(self.manifest, self.org_id, step, self.run, done)
        return left
