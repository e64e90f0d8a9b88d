"""`load-sf run`: sends what changed, all of it the first time."""

import secrets
import shutil
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from loaders import terminal
from loaders.errors import Exit
from loaders.salesforce.api.errors import Stopped
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands import leaving, rejecting, strays, superseding
from loaders.salesforce.commands import progress as shown
from loaders.salesforce.commands.approving import require_approval
from loaders.salesforce.commands.carrying import JobRefused
from loaders.salesforce.commands.dry_run import dry_run
from loaders.salesforce.commands.gating import gated, planned
from loaders.salesforce.commands.noting import manifest_of
from loaders.salesforce.commands.open_runs import require_no_rollback
from loaders.salesforce.commands.orders import NO_REJECTS, Order, Rejects
from loaders.salesforce.commands.progress import RunProgress, StepProgress
from loaders.salesforce.commands.rejecting import Tally
from loaders.salesforce.commands.sending import Sender
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.ledger import changes, gate, missing, superseded, untouched
from loaders.salesforce.ledger.changes import Counts
from loaders.salesforce.ledger.manifest import LITTLE, Manifest
from loaders.salesforce.ledger.plan import StepPlan, read_plan, write_plan
from loaders.salesforce.ledger.sql import text
from loaders.salesforce.ledger.steps import Project, Step


def run(order: Order) -> int:
    """Resumes an open run, then sends what changed since; gives the exit code."""
    with session() as s, sole_run(s.home, s.identity.id):
        spill = s.spill
        with manifest_of(s.home, LITTLE) as manifest:
            if order.dry_run:
                return dry_run(s, manifest, order)
            finished = carry_on(s, manifest)
            counts = _send_changes(s, manifest, order, finished)
            tally = rejecting.tally(manifest.con, finished)
        shutil.rmtree(spill, ignore_errors=True)
    return _report(order, s, finished, counts, tally)


def resume(as_json: bool) -> int:
    """Carries on the run that was left open, and starts no other; gives the exit code."""
    order = Order(None, False, None, as_json)
    with session() as s, sole_run(s.home, s.identity.id):
        with manifest_of(s.home, LITTLE) as manifest:
            finished = carry_on(s, manifest)
            tally = rejecting.tally(manifest.con, finished)
        shutil.rmtree(s.spill, ignore_errors=True)
        if not finished and not as_json:
            terminal.console.print(f"No run of {s.identity.name} ({s.identity.id}) is open.")
            return Exit.DONE
    return _report(order, s, finished, {}, tally)


def carry_on(s: Session, manifest: Manifest) -> list[RunProgress]:
    """Carries on the run that was left open, if there is one."""
    run_id = manifest.open_run(s.identity.id)
    if run_id is None:
        _remove_unbegun(manifest, s.home.runs)
        return []
    require_no_rollback(manifest, s.identity.id)
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
    gone = leaving.tell_gone(s, manifest, project, steps, order)
    held = leaving.held_line(s, manifest, [(step, counts[step.name]) for step in steps])
    if held:
        terminal.notes.print(held)
    if order.delete_missing:
        missing.require_within(gone, order.delete_limit)
    going = order.delete_missing and any(each.ours for each in gone)
    if not busy and not going and not superseded.count(con, project, steps, org):
        remember(manifest, project, org)
        gate.close_warehouse(con)
        stay = {n: {"unchanged": c.unchanged, "held back": c.held_back} for n, c in counts.items()}
        manifest.note("nothing to send", org=org, steps=stay)
        return counts
    finished.append(freeze_and_send(s, manifest, project, steps, counts, order=order))
    return counts


def freeze_and_send(
    s: Session,
    manifest: Manifest,
    project: Project,
    steps: tuple[Step, ...],
    counts: dict[str, Counts],
    *,
    order: Order | None = None,
) -> RunProgress:
    """A run of what the attached marts have to send; they are detached before it is sent. Without
    an `order` it is a sample: they are a slice, and say nothing of records that are not in it."""
    kind = "run" if order else "sample"
    con, org, user = manifest.con, s.identity.id, s.org.user_id()
    busy = [step for step in steps if counts[step.name].to_send]
    plans = planned(s, con, project, busy)
    creating = [step for step in busy if counts[step.name].create and not step.is_update]
    strays_of = strays.look(s, manifest, project, creating)
    run_id, folder = new_folder(manifest, s.home.runs)
    for step in busy:
        changes.freeze(con, step, org, folder / f"{step.name}.parquet")
    strays.recognise(s, manifest, creating, strays_of, folder)
    _freeze_memories(manifest, project, org, folder)
    if order:
        delete = order.delete_missing
        superseding.freeze(s, manifest, project, steps, folder, delete_missing=delete)
    pairs = folder / superseding.PAIRS
    others = untouched.freeze(con, project, steps, org, folder, pairs, is_part=order is None)
    gate.close_warehouse(con)
    write_plan(plans, folder / "plan.json")
    progress = RunProgress(
        folder=folder,
        run=run_id,
        org=org,
        started=shown.now(),
        steps=[_to_do(con, p, counts[p.name], folder) for p in plans],
        kind=kind,
        max_rejects=str((order and order.max_rejects) or NO_REJECTS),
    )
    progress.save()
    manifest.begin_run(run_id, org, user, [p.name for p in plans], kind, left=others)
    progress.start()
    _send(s, manifest, progress, plans)
    return progress


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


def _remove_unbegun(manifest: Manifest, runs: Path) -> None:
    """Removes what processes left that ended before their run began: rows that nobody will send,
    and patients' data. What a lost manifest knew stays."""
    known = {row[0] for row in manifest.con.execute("select run from runs").fetchall()}
    for folder in runs.glob("*T*Z-*/"):
        if folder.name not in known and not shown.is_begun(folder):
            shutil.rmtree(folder)


def _to_do(
    con: duckdb.DuckDBPyConnection, plan: StepPlan, counts: Counts, folder: Path
) -> StepProgress:
    size = changes.bytes_of(con, folder / f"{plan.name}.parquet") if plan.binary else 0
    return StepProgress(plan.name, plan.object, counts.to_send, bytes=size)


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
        # The run ends here: what the org refused of the jobs before it is listed all the same.
        rejecting.write(manifest, progress, plans, [], s.home.reports)
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
    return Exit.REJECTED if _too_many(order, finished, tally) else Exit.DONE


def _too_many(order: Order, finished: list[RunProgress], tally: Tally) -> bool:
    """Whether the org refused more than it may: of all together what is said now, else of each
    run what was said when it was begun."""
    if order.max_rejects is not None:
        return order.max_rejects.exceeded(tally.rejected, tally.sent)
    return any((Rejects.read(p.max_rejects) or NO_REJECTS).exceeded(*tally.of(p)) for p in finished)


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
