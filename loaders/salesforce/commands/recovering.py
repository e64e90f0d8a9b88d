"""`load-sf recover`: learns from the org what a lost manifest knew."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.salesforce.api import files
from loaders.salesforce.commands.gating import gated
from loaders.salesforce.commands.noting import manifest_of
from loaders.salesforce.commands.reading_back import CREATOR, ReadBack, read_back
from loaders.salesforce.commands.run import remember
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.ledger import compare, recovered
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.recovered import Hashed, Recovered
from loaders.salesforce.ledger.steps import Project

_AT_A_TIME = 1_000


def recover(as_json: bool) -> int:
    """Writes every record of ours that the org holds into the manifest; gives the exit code."""
    with session() as s, sole_run(s.home, s.identity.id):
        folder = s.home.runs / "recover"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            with manifest_of(s.home) as manifest:
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
    against = found.against(step, org)
    if step.binary and against.files:
        hashed = _hashed(recovered.paths(manifest.con, step), s.home.path)
        recovered.files_known(manifest, step, against.table, org, against.files, hashed)
    compare.compare(manifest.con, against)
    return recovered.step(
        *(manifest, step, against.plan, against.table, org, s.org.user_id(), CREATOR)
    )


def _hashed(paths: list[tuple[str, str]], home: Path) -> Iterator[list[Hashed]]:
    """The hashes of those files that can be read, so many at a time."""
    inside = home.resolve()
    for start in range(0, len(paths), _AT_A_TIME):
        batch = []
        for key, relative in paths[start : start + _AT_A_TIME]:
            place = (home / relative).resolve()
            if place.is_relative_to(inside) and place.is_file():
                digest = files.digest(place)
                batch.append((key, digest.sha256, digest.md5, digest.size))
        if batch:
            yield batch


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
