"""`load-sf recover`: learns from the org what a lost manifest knew."""

import shutil
from dataclasses import asdict
from pathlib import Path

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.salesforce.commands.gating import gated
from loaders.salesforce.commands.reading_back import CREATOR, ReadBack, read_back
from loaders.salesforce.commands.run import remember
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.ledger import compare, recovered
from loaders.salesforce.ledger.manifest import Manifest, open_manifest
from loaders.salesforce.ledger.recovered import Recovered
from loaders.salesforce.ledger.steps import Project


def recover(as_json: bool) -> int:
    """Writes every record of ours that the org holds into the manifest; gives the exit code."""
    with session() as s, sole_run(s.home, s.identity.id):
        folder = s.home.runs / "recover"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            with open_manifest(s.home.manifest, s.spill) as manifest:
                said = _recover(s, manifest, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        # Only where it was ours: whoever holds the manifest has rows of its own in there.
        shutil.rmtree(s.spill, ignore_errors=True)
    if as_json:
        terminal.print_json(
            {
                "org": s.identity.id,
                "steps": [asdict(each) for each in said],
                "api_calls": s.org.calls,
            }
        )
        return Exit.DONE
    for each in said:
        terminal.console.print(_sentence(each))
    waiting = sum(each.differing + each.absent for each in said)
    terminal.console.print(
        f"`load-sf run` will send {waiting:,} rows."
        if waiting
        else "The org holds what the marts hold: `load-sf run` has nothing to send."
    )
    return Exit.DONE


def _recover(s: Session, manifest: Manifest, folder: Path) -> list[Recovered]:
    org = s.identity.id
    project, _ = gated(s, manifest)
    open_run = manifest.open_run(org)
    if open_run:
        raise UserError(
            f"Run {open_run} is still open: its manifest is not lost.",
            "Run `load-sf run` to carry it on.",
            Exit.BLOCKED,
        )
    found = read_back(s, manifest, project, None, folder)
    compare.start(manifest.con)
    said = [_step(s, manifest, project, found, name) for name in [p.name for p in project.steps]]
    remember(manifest, project, org)
    return said


def _step(
    s: Session, manifest: Manifest, project: Project, found: ReadBack, name: str
) -> Recovered:
    step, org = project.step(name), s.identity.id
    plan, table = found.plans[name], found.tables[step.object]
    held = found.held.get(step.object)
    if step.binary and held:
        recovered.files_known(manifest, step, table, org, s.home.path, held)
    compare.compare(manifest.con, step, plan, table, org, None, held)
    return recovered.step(manifest, step, plan, table, org, s.org.user_id(), CREATOR)


def _sentence(each: Recovered) -> str:
    parts = [f"{each.step}: {each.equal:,} records as their rows are"]
    parts += [
        f"{count:,} {what}"
        for count, what in (
            (each.differing, "differ"),
            (each.known, "were known"),
            (each.absent, "rows without a record"),
            (each.kept, "fields kept as they were found"),
        )
        if count
    ]
    return ", ".join(parts)
