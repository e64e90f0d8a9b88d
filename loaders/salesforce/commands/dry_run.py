"""`load-sf run --dry-run`: what a run would send and delete, and what would keep it from starting.
Nothing is written to the org."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

from loaders import terminal
from loaders.errors import Exit
from loaders.salesforce.commands import leaving, strays
from loaders.salesforce.commands.approving import require_approval
from loaders.salesforce.commands.gating import gated, planned
from loaders.salesforce.commands.open_runs import open_run_line, require_no_rollback
from loaders.salesforce.commands.orders import Order
from loaders.salesforce.commands.plan_blockers import Blocker, gathered
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import changes, gate, missing, superseded
from loaders.salesforce.ledger.changes import Counts
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.missing import ObjectGone
from loaders.salesforce.ledger.steps import Project


def dry_run(s: Session, manifest: Manifest, order: Order) -> int:
    """Counts; gives 3 where a run would be blocked, and says by what."""
    project, steps = gated(s, manifest, order.only)
    manifest.room_for(len(project.steps))
    con, org = manifest.con, s.identity.id
    counts = {step.name: changes.count(con, step, org) for step in steps}
    leave = superseded.count(con, project, steps, org)
    gone = leaving.tell_gone(s, manifest, project, steps, order)
    held = leaving.held_line(s, manifest, [(step, counts[step.name]) for step in steps])
    if held:
        terminal.notes.print(held)
    going = sum(each.ours for each in gone) if order.delete_missing else 0
    blockers = list(_blockers(s, manifest, order, project, counts, gone))
    if order.as_json:
        terminal.print_json(
            {
                "org": org,
                "dry_run": True,
                "open_run": manifest.open_run(org),
                "steps": [asdict(c) | {"step": name} for name, c in counts.items()],
                "superseded": leave,
                "gone": [asdict(each) for each in gone if each.gone],
                "missing_to_delete": going,
                "blockers": [asdict(each) for each in blockers],
            }
        )
    else:
        _say(open_run_line(manifest, org), counts, leave, going, blockers)
    return Exit.BLOCKED if blockers else Exit.DONE


def _blockers(
    s: Session,
    manifest: Manifest,
    order: Order,
    project: Project,
    counts: dict[str, Counts],
    gone: list[ObjectGone],
) -> Iterator[Blocker]:
    """What a run would refuse to start for, in the order it would find it."""
    con = manifest.con
    yield from gathered("rollback", partial(require_no_rollback, manifest, s.identity.id))
    yield from gathered("approval", partial(require_approval, s, manifest, project))
    blocked = partial(gate.require_unblocked, con, project, "run", order.allowed)
    yield from gathered("open claims", blocked)
    if order.delete_missing:
        yield from gathered("delete", partial(missing.require_within, gone, order.delete_limit))
    yield from gathered("org", partial(_require_ready, s, manifest, project, counts))


def _require_ready(
    s: Session, manifest: Manifest, project: Project, counts: dict[str, Counts]
) -> None:
    """Raises UserError (blocked) where the org is not as the rows to send need it, or the manifest
    does not know what it holds."""
    busy = [project.step(name) for name, c in counts.items() if c.to_send]
    planned(s, manifest.con, project, busy)
    creating = [step for step in busy if counts[step.name].create and not step.is_update]
    strays.look(s, manifest, project, creating)


def _say(
    waiting: str | None,
    counts: dict[str, Counts],
    leave: int,
    going: int,
    blockers: list[Blocker],
) -> None:
    say = terminal.console.print
    if waiting:
        say(waiting)
    for name, c in counts.items():
        say(
            f"{name}: {c.create:,} to create, {c.update:,} to update, {c.adopt:,} to adopt,"
            f" {c.unchanged:,} unchanged, {c.held_back:,} held back"
        )
    say(f"{leave:,} superseded records to delete, once their successor is in")
    if going:
        say(f"{going:,} records gone from the source to delete, but for those anything looks up")
    if blockers:
        say(f"A run would be blocked by {len(blockers)}:")
        for each in blockers:
            say(f"  {each.what}\n  -> {each.do}", markup=False)
