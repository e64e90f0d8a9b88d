"""`load-sf rollback`: gives the org back what a run took, and proves it.

Each time it is run it looks anew: what is done stays done, what somebody edited meanwhile is left
alone, and the rest is undone. So a rollback that was killed ends as one that was not.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.salesforce.api import files
from loaders.salesforce.api.errors import Stopped
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands import before, proving
from loaders.salesforce.commands import progress as shown
from loaders.salesforce.commands.guarding import Guard
from loaders.salesforce.commands.noting import manifest_of
from loaders.salesforce.commands.progress import RunProgress, StepProgress
from loaders.salesforce.commands.refiling import Refiling
from loaders.salesforce.commands.run import new_folder
from loaders.salesforce.commands.sending import Sender
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.commands.undoing import Undoing
from loaders.salesforce.ledger import records_files, rollbacks, undone
from loaders.salesforce.ledger import undo as ledger
from loaders.salesforce.ledger.manifest import LITTLE, Manifest
from loaders.salesforce.ledger.plan import StepPlan, read_plan, write_plan
from loaders.salesforce.ledger.rollbacks import Target
from loaders.salesforce.ledger.undo import Undo

# What a run deleted is kept as `<step>.<one of these>.parquet`, its plans as `<one>.json`.
_DELETED = ("superseded", "gone")
_SHOWN = 10


@dataclass(frozen=True)
class _Work:
    """One rollback: what to undo, how, and where its files are."""

    session: Session
    target: Target
    undo: Undo
    guard: Guard
    undoing: Undoing
    refiling: Refiling


def rollback(asked: str, dry_run: bool, as_json: bool) -> int:
    """Undoes a run; gives the exit code."""
    with session() as s, sole_run(s.home, s.identity.id):
        with manifest_of(s.home, LITTLE) as manifest:
            target = rollbacks.choose(manifest, s.identity.id, asked)
            act = _dry_run if dry_run else _roll_back
            document = act(s, manifest, target)
        shutil.rmtree(s.spill, ignore_errors=True)
    document["api_calls"] = s.org.calls
    if as_json:
        terminal.print_json(document)
    else:
        _say(document, s)
    if dry_run:
        return Exit.DONE
    if document["refused"]:
        return Exit.REJECTED
    return Exit.DONE if document["equal"] else Exit.ERROR


def _dry_run(s: Session, manifest: Manifest, target: Target) -> dict[str, Any]:
    folder = s.home.runs / "rollback-dry-run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        plans = _plans(s, target)
        work = _work(s, manifest, target, folder.name, folder, _progress(s, folder, plans))
        work.guard.look()
        planned = list(proving.planned(work.undo, work.undoing))
        return _document(work, dry_run=True) | {"steps": planned}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _roll_back(s: Session, manifest: Manifest, target: Target) -> dict[str, Any]:
    if target.open:
        name, folder = target.open, s.home.runs / target.open
        terminal.notes.print(f"Carrying on the rollback of run {target.run}.")
        progress = shown.read_back(folder)
        _remove_csvs(folder)
    else:
        name, folder = new_folder(manifest, s.home.runs)
        plans = _plans(s, target)
        write_plan(plans, folder / "plan.json")
        progress = _progress(s, folder, plans)
        progress.save()
        steps = [plan.name for plan in plans]
        user = s.org.user_id()
        manifest.begin_run(name, s.identity.id, user, steps, "rollback", target.run)
        progress.start()
    try:
        if target.is_open:
            _close(s, manifest, target)
        work = _work(s, manifest, target, name, folder, progress)
        return _carry_out(work, folder, progress)
    except BaseException as error:
        progress.end("stopped" if isinstance(error, Stopped) else "interrupted")
        raise
    finally:
        _remove_csvs(folder)


def _remove_csvs(folder: Path) -> None:
    """Rows on their way are patients' data: what a process that was killed has left goes too."""
    for left in folder.glob("*.csv"):
        left.unlink()


def _carry_out(work: _Work, folder: Path, progress: RunProgress) -> dict[str, Any]:
    undo = work.undo
    work.undoing.settle()
    work.refiling.settle()
    work.undoing.put_back()
    progress.close()  # a terminal shows one live line
    work.guard.look()
    _expect(work, progress)
    work.refiling.restore()
    work.undoing.restore()
    work.undoing.delete()
    if work.undoing.were_refused(undone.RESTORED):
        # What was in the way may have gone by now, as a unique value that a deleted record had.
        progress.close()
        work.guard.look()
        work.undoing.restore()
        work.undoing.delete()
    proof = proving.prove(undo, work.guard, folder)
    document = _document(work, dry_run=False) | proof
    done = not document["refused"] and document["equal"]
    proving.leave_alone(undo)
    ledger.finish(undo, done)
    ledger.restore_merges(undo, _folder(work.session, work.target) / "merges.before.parquet")
    if done:
        shown.mark(_folder(work.session, work.target), "rolled back")
    progress.end("done")
    (folder / "rollback.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    _clear(folder)
    return document


def _clear(folder: Path) -> None:
    """Takes away what was read for looking: values are kept no longer than they are needed. The
    records files that the audit log tells of hold none, and stay."""
    for file in folder.glob("*.parquet"):
        if file.name != proving.LEFT and not file.name.endswith(records_files.ENDING):
            file.unlink()


def _folder(s: Session, target: Target) -> Path:
    return s.home.runs / target.run


def _plans(s: Session, target: Target) -> tuple[StepPlan, ...]:
    """The steps that a run sent or deleted from, parents first."""
    folder = _folder(s, target)
    if not (folder / "plan.json").exists():
        raise UserError(
            f"What run {target.run} found in the org is not in {folder} any more.",
            "Without the values from before it cannot be undone.",
            Exit.BLOCKED,
        )
    plans = list(read_plan(folder / "plan.json"))
    for each in _DELETED:
        if (folder / f"{each}.json").exists():
            plans += read_plan(folder / f"{each}.json")
    return ledger.in_order(plans)


def _work(
    s: Session, manifest: Manifest, target: Target, name: str, folder: Path, progress: RunProgress
) -> _Work:
    source = _folder(s, target)
    plans = _plans(s, target)
    images = {p.name: f for p in plans if (f := before.image(source, p.name)).exists()}
    manifest.room_for(len(plans))
    undo = Undo(
        manifest=manifest,
        org_id=s.identity.id,
        run=target.run,
        rollback=name,
        plans=plans,
        images=images,
        deleted=dict(_deleted(source, plans)),
        document=files.DOCUMENT,
        checksum=files.CHECKSUM,
    )
    users = rollbacks.users(manifest, s.identity.id)
    return _Work(
        session=s,
        target=target,
        undo=undo,
        guard=Guard(s.org, undo, folder, users),
        undoing=Undoing(s.org, undo, folder, progress),
        refiling=Refiling(s.org, undo, s.home.path, folder, progress),
    )


def _deleted(source: Path, plans: tuple[StepPlan, ...]) -> Iterator[tuple[str, Path]]:
    for plan in plans:
        for each in _DELETED:
            file = source / f"{plan.name}.{each}.parquet"
            if file.exists():
                yield plan.name, file


def _progress(s: Session, folder: Path, plans: tuple[StepPlan, ...]) -> RunProgress:
    steps = [StepProgress(plan.name, plan.object, 0) for plan in plans]
    return RunProgress(folder, folder.name, s.identity.id, shown.now(), steps, kind="rollback")


def _expect(work: _Work, progress: RunProgress) -> None:
    for planned in proving.planned(work.undo):
        step = progress.step(planned["step"])
        step.rows = max(
            step.rows,
            planned["to_delete"]
            + planned["to_restore"]
            + planned["to_put_back"]
            + step.created
            + step.updated
            + step.deleted,
        )
    progress.save()


def _close(s: Session, manifest: Manifest, target: Target) -> None:
    """Ends a run that broke off: what it sent is found out, and nothing more is sent."""
    folder = _folder(s, target)
    progress = shown.read_back(folder)
    plans = read_plan(folder / "plan.json")
    manifest.room_for(len(plans))
    Sender(
        org=s.org,
        org_id=s.identity.id,
        manifest=manifest,
        home=s.home.path,
        folder=folder,
        run=target.run,
        plans=plans,
        progress=progress,
        polling=Polling(),
    ).settle()
    manifest.end_run(target.run, "failed")
    shown.mark(folder, "failed")


def _document(work: _Work, *, dry_run: bool) -> dict[str, Any]:
    undo = work.undo
    return {
        "run": undo.run,
        "rollback": None if dry_run else undo.rollback,
        "org": undo.org_id,
        "dry_run": dry_run,
        "steps": proving.steps(undo),
        "put_back": proving.put_back(undo),
        "refused": proving.refused(undo),
        "left": proving.left(undo),
        "left_count": proving.left_count(undo),
        "unasked": sorted(set(work.guard.unasked)),
    }


def _say(document: dict[str, Any], s: Session) -> None:
    say = terminal.console.print
    would = "would be " if document["dry_run"] else ""
    say(f"Rollback of run {document['run']} in {s.identity.name} ({s.identity.id}):")
    for step in document["steps"]:
        parts = [
            f"{step[key]:,} {would}{what}"
            for key, what in (
                ("to_delete", "deleted"),
                ("to_restore", "restored"),
                ("to_put_back", "put back"),
                ("deleted", "deleted"),
                ("restored", "restored"),
                ("put_back", "put back"),
            )
            if step.get(key)
        ]
        if parts:
            say(f"  {step['step']}: {', '.join(parts)}")
    for each in document["put_back"][:_SHOWN]:
        say(f"  {each['key']} is back as {each['new_id']} (it was {each['old_id']})")
    if document["left_count"]:
        say(f"{document['left_count']:,} records are left as they are:")
        for each in document["left"][:_SHOWN]:
            say(f"  {each['object']} {each['key']} ({each['id']}): {each['why']}")
        if document["left_count"] > _SHOWN:
            say("  …")
    for each in document["refused"][:_SHOWN]:
        say(f"  {each['step']} {each['key']}: the org refused it: {each['code']}")
    for each in document["unasked"]:
        say(f"  The org does not let this user ask who looks up a record by {each}.")
    if document["dry_run"]:
        return
    if document["equal"]:
        say("Proved: every field this project writes is as it was before the run, but for those.")
    else:
        say(f"{document['differing']:,} records are not as they were before the run.")
    if document["refused"]:
        say(f"Run `load-sf rollback {document['run']}` again to try what was refused once more.")
