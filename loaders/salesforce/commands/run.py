"""`load-sf run`: sends what changed, all of it the first time."""

import secrets
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.salesforce.api.errors import Stopped
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands import progress as shown
from loaders.salesforce.commands import rejecting, strays, superseding
from loaders.salesforce.commands.approving import require_approval
from loaders.salesforce.commands.carrying import JobRefused
from loaders.salesforce.commands.gating import gated, require_no_drift
from loaders.salesforce.commands.progress import RunProgress, StepProgress
from loaders.salesforce.commands.rejecting import Tally
from loaders.salesforce.commands.sending import Sender
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.ledger import changes, gate, missing, superseded, untouched
from loaders.salesforce.ledger.changes import Counts
from loaders.salesforce.ledger.manifest import LITTLE, Manifest, open_manifest
from loaders.salesforce.ledger.plan import StepPlan, plan_step, read_plan, write_plan
from loaders.salesforce.ledger.sql import text
from loaders.salesforce.ledger.steps import Project, Step


@dataclass(frozen=True)
class Rejects:
    """How many refused rows a run may have: a number, or a share of what it sent."""

    number: float
    is_share: bool = False

    def __str__(self) -> str:
        return f"{self.number:g}{'%' if self.is_share else ''}"

    def exceeded(self, rejected: int, sent: int) -> bool:
        """Whether it were too many."""
        return rejected > (sent * self.number / 100 if self.is_share else self.number)


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    only: str | None
    dry_run: bool
    max_rejects: Rejects
    as_json: bool
    allowed: frozenset[str] = frozenset()
    delete_missing: bool = False
    delete_limit: float = missing.DELETE_LIMIT


def run(order: Order) -> int:
    """Resumes an open run, then sends what changed since; gives the exit code."""
    with session() as s, sole_run(s.home, s.identity.id):
        spill = s.spill
        with open_manifest(s.home.manifest, spill, memory=LITTLE) as manifest:
            if order.dry_run:
                return _dry_run(s, manifest, order)
            finished = carry_on(s, manifest)
            counts = _send_changes(s, manifest, order, finished)
            tally = rejecting.tally(manifest.con, finished)
        shutil.rmtree(spill, ignore_errors=True)
    return _report(order, s, finished, counts, tally)


def resume(as_json: bool) -> int:
    """Carries on the run that was left open, and starts no other; gives the exit code."""
    order = Order(None, False, Rejects(0), as_json)
    with session() as s, sole_run(s.home, s.identity.id):
        with open_manifest(s.home.manifest, s.spill, memory=LITTLE) as manifest:
            finished = carry_on(s, manifest)
            tally = rejecting.tally(manifest.con, finished)
        shutil.rmtree(s.spill, ignore_errors=True)
        if not finished and not as_json:
            terminal.console.print(f"No run of {s.identity.name} ({s.identity.id}) is open.")
            return Exit.DONE
    return _report(order, s, finished, {}, tally)


def _dry_run(s: Session, manifest: Manifest, order: Order) -> int:
    project, steps = gated(s, manifest, order.only)
    manifest.room_for(len(project.steps))
    counts = {step.name: changes.count(manifest.con, step, s.identity.id) for step in steps}
    leave = superseded.count(manifest.con, project, steps, s.identity.id)
    if order.as_json:
        document = [asdict(c) | {"step": name} for name, c in counts.items()]
        terminal.print_json(
            {"org": s.identity.id, "dry_run": True, "steps": document, "superseded": leave}
        )
        return Exit.DONE
    for name, c in counts.items():
        terminal.console.print(
            f"{name}: {c.create:,} to create, {c.update:,} to update, {c.adopt:,} to adopt,"
            f" {c.unchanged:,} unchanged, {c.held_back:,} held back"
        )
    terminal.console.print(f"{leave:,} superseded records to delete, once their successor is in")
    return Exit.DONE


def carry_on(s: Session, manifest: Manifest) -> list[RunProgress]:
    """Carries on the run that was left open, if there is one."""
    run_id = manifest.open_run(s.identity.id)
    if run_id is None:
        return []
    if manifest.kind(run_id) == "rollback":
        raise UserError(
            "A rollback is under way in this org.",
            "Run `load-sf rollback` as before to carry it on; then run again.",
            Exit.BLOCKED,
        )
    folder = s.home.runs / run_id
    terminal.notes.print(f"Carrying on run {run_id}.")
    progress = shown.read_back(folder)
    plans = read_plan(folder / "plan.json")
    manifest.room_for(len(plans))
    _send(s, manifest, progress, plans)
    return [progress]


def _send_changes(
    s: Session, manifest: Manifest, order: Order, finished: list[RunProgress]
) -> dict[str, Counts]:
    """A new run of what changed; adds it to `finished` where there was something to send."""
    project, steps = gated(s, manifest, order.only)
    manifest.room_for(len(project.steps))
    con, org = manifest.con, s.identity.id
    require_approval(s, manifest, project)
    gate.require_unblocked(con, project, "run", order.allowed)
    counts = {step.name: changes.count(con, step, org) for step in steps}
    busy = [step for step in steps if counts[step.name].to_send]
    gone = _gone(s, manifest, project, order)
    if not busy and not gone and not superseded.count(con, project, steps, org):
        remember(manifest, project, org)
        gate.close_warehouse(con)
        stay = {n: {"unchanged": c.unchanged, "held back": c.held_back} for n, c in counts.items()}
        manifest.note("nothing to send", org=org, steps=stay)
        return counts
    finished.append(
        freeze_and_send(s, manifest, project, steps, counts, delete_missing=order.delete_missing)
    )
    return counts


def freeze_and_send(
    s: Session,
    manifest: Manifest,
    project: Project,
    steps: tuple[Step, ...],
    counts: dict[str, Counts],
    kind: str = "run",
    *,
    delete_missing: bool = False,
) -> RunProgress:
    """A run of what the attached marts have to send; they are detached before it is sent. Where
    its `kind` is sample they are a slice, and say nothing of records that are not in it."""
    con, org, user = manifest.con, s.identity.id, s.org.user_id()
    busy = [step for step in steps if counts[step.name].to_send]
    plans = _plans(s, con, project, busy)
    creating = [step for step in busy if counts[step.name].create and not step.is_update]
    strays_of = strays.look(s, manifest, project, creating)
    run_id, folder = new_folder(manifest, s.home.runs)
    for step in busy:
        changes.freeze(con, step, org, folder / f"{step.name}.parquet")
    strays.recognise(s, manifest, creating, strays_of, folder)
    _freeze_memories(manifest, project, org, folder)
    if kind != "sample":
        superseding.freeze(s, manifest, project, steps, folder, delete_missing=delete_missing)
    pairs = folder / superseding.PAIRS
    others = untouched.freeze(con, project, steps, org, folder, pairs, is_part=kind == "sample")
    gate.close_warehouse(con)
    write_plan(plans, folder / "plan.json")
    progress = RunProgress(
        folder=folder,
        run=run_id,
        org=org,
        started=shown.now(),
        steps=[_to_do(con, p, counts[p.name], folder) for p in plans],
        kind=kind,
    )
    progress.save()
    manifest.begin_run(run_id, org, user, [p.name for p in plans], kind, left=others)
    _send(s, manifest, progress, plans)
    return progress


def _gone(s: Session, manifest: Manifest, project: Project, order: Order) -> int:
    """Tells of records that are gone from the source, and lists them; gives how many of them are
    to be deleted. Raises UserError (blocked) where that were more than the limit."""
    con, org = manifest.con, s.identity.id
    _, objects = missing.gone(con, project, org)
    file = s.home.reports / "gone.csv"
    file.unlink(missing_ok=True)
    gone, ours = sum(each.gone for each in objects), sum(each.ours for each in objects)
    if not gone:
        return 0
    s.home.reports.mkdir(mode=0o700, exist_ok=True)
    missing.write_list(con, project, org, file)
    terminal.notes.print(
        f"{gone:,} records are gone from the source, {ours:,} of them created here: {file}"
    )
    if not order.delete_missing:
        terminal.notes.print("They stay; --delete-missing deletes those created here.")
        return 0
    missing.require_within(objects, order.delete_limit)
    return ours


def new_folder(manifest: Manifest, runs: Path) -> tuple[str, Path]:
    """A new run's name and its folder. Names sort by age, also where the clock was set back."""
    now = datetime.now(UTC)
    newest = manifest.newest_run()[: len("20260101T000000.000")]
    if newest:
        before = datetime.strptime(newest, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
        now = max(now, before + timedelta(milliseconds=1))
    run_id = f"{now:%Y%m%dT%H%M%S.%f}"[:-3] + f"Z-{secrets.token_hex(2)}"
    folder = runs / run_id
    folder.mkdir(mode=0o700)
    return run_id, folder


def _to_do(
    con: duckdb.DuckDBPyConnection, plan: StepPlan, counts: Counts, folder: Path
) -> StepProgress:
    size = changes.bytes_of(con, folder / f"{plan.name}.parquet") if plan.binary else 0
    return StepProgress(plan.name, plan.object, counts.to_send, bytes=size)


def _plans(
    s: Session, con: duckdb.DuckDBPyConnection, project: Project, busy: list[Step]
) -> tuple[StepPlan, ...]:
    describes = {name: s.org.describe(name) for name in {step.object for step in busy}}
    objects = {step.name: step.object for step in project.steps}
    plans = tuple(plan_step(step, describes[step.object], objects) for step in busy)
    require_no_drift(s, con, tuple(busy), describes)
    return plans


def _send(
    s: Session, manifest: Manifest, progress: RunProgress, plans: tuple[StepPlan, ...]
) -> None:
    sender = Sender(
        org=s.org,
        org_id=s.identity.id,
        manifest=manifest,
        home=s.home.path,
        folder=progress.folder,
        run=progress.run,
        plans=plans,
        progress=progress,
        polling=Polling(),
    )
    try:
        sender.send()
        stay = superseding.carry_out(s, manifest, progress)
    except JobRefused:
        manifest.end_run(progress.run, "failed")
        progress.end("failed")
        raise
    except BaseException as error:
        progress.end("stopped" if isinstance(error, Stopped) else "interrupted")
        raise
    memories = progress.folder / "merges.parquet"
    if memories.exists():
        manifest.remember_merges(progress.org, f"select * from read_parquet({text(memories)})")
    rejecting.write(manifest, progress, plans, stay, s.home.reports)
    manifest.end_run(progress.run, "done")
    progress.end("done")


def _memories(project: Project) -> str | None:
    pairs = [
        f"select merged_key, survivor_key from warehouse.{r.relation}"
        for r in project.remembered
        if r.what == "merges"
    ]
    return " union all ".join(pairs) or None


def remember(manifest: Manifest, project: Project, org: str) -> None:
    """Keeps the merges of the marts whose survivor this org has."""
    pairs = _memories(project)
    if pairs:
        manifest.remember_merges(org, pairs)


def _freeze_memories(manifest: Manifest, project: Project, org: str, folder: Path) -> None:
    manifest.con.execute(
        "copy (select merged_key, survivor_key from merges where org = ?)"
        f" to {text(folder / 'merges.before.parquet')} (format parquet)",
        [org],
    )
    pairs = _memories(project)
    if pairs:
        target = text(folder / "merges.parquet")
        manifest.con.execute(f"copy ({pairs}) to {target} (format parquet)")


def _report(
    order: Order, s: Session, finished: list[RunProgress], counts: dict[str, Counts], tally: Tally
) -> int:
    too_many = order.max_rejects.exceeded(tally.rejected, tally.sent)
    if order.as_json:
        terminal.print_json(
            {
                "org": s.identity.id,
                "sent": tally.sent,
                "rejected": tally.rejected,
                "superseded": sum(p.superseded for p in finished),
                "missing_deleted": sum(p.missing for p in finished),
                "refused": [asdict(each) for each in tally.refused],
                "api_calls": s.org.calls,
                "runs": [p.document() for p in finished],
                "steps": [asdict(c) | {"step": name} for name, c in counts.items()],
            }
        )
    else:
        _say(s, finished, counts, tally)
    return Exit.REJECTED if too_many else Exit.DONE


def _say(s: Session, finished: list[RunProgress], counts: dict[str, Counts], tally: Tally) -> None:
    held = sum(c.held_back for c in counts.values())
    for p in finished:
        terminal.console.print(f"Run {p.run} into {s.identity.name} ({s.identity.id}):")
        for step in p.steps:
            terminal.console.print(f"  {step.step}: {shown.sentence(step)}")
        if p.superseded:
            terminal.console.print(
                f"  {p.superseded:,} superseded records deleted, their values kept in {p.folder}"
            )
        if p.missing:
            terminal.console.print(
                f"  {p.missing:,} records gone from the source deleted, their values kept in"
                f" {p.folder}"
            )
    if not finished:
        unchanged = sum(c.unchanged for c in counts.values())
        terminal.console.print(f"Nothing to send: {unchanged:,} rows are as this org has them.")
    if held:
        terminal.console.print(f"{held:,} rows are held back: the corrections report says why.")
    if tally.rejected:
        where = finished[-1].folder / "rejects.parquet"
        terminal.console.print(f"The org refused {tally.rejected:,} rows: {where}")
        for each in tally.refused:
            rule = f" ({each.rule})" if each.rule else ""
            terminal.console.print(
                f"  {each.number:,} {each.code}{rule}: {each.advice}", markup=False
            )
        terminal.console.print(f"Row by row, to read: {s.home.reports / 'rejects.csv'}")
