"""`load-sf sample`: loads a closed slice of the marts as a run of its own, reads it back, and tells
of each field what the source said, what the mart made of it, and what the org holds."""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.salesforce.commands.approving import mapping_now
from loaders.salesforce.commands.gating import gated
from loaders.salesforce.commands.noting import manifest_of
from loaders.salesforce.commands.progress import RunProgress
from loaders.salesforce.commands.reading_back import read_back
from loaders.salesforce.commands.run import carry_on, freeze_and_send
from loaders.salesforce.commands.sample_page import write_report
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.ledger import approvals, changes, compare, diff, gate, masking
from loaders.salesforce.ledger import slice as slices
from loaders.salesforce.ledger.diff import FieldSummary
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.sql import name
from loaders.salesforce.ledger.steps import Project

_WRONG = ("missing", "differs")


@dataclass(frozen=True)
class SampleOrder:
    """What was asked for."""

    patients: int | None
    mask: bool
    yes_production: bool
    as_json: bool


@dataclass(frozen=True)
class Sample:
    """A slice that was loaded: by which mapping, whether masked, what it came to, and the run that
    loaded it; no run where the org had it all."""

    mapping: str
    masked: bool
    facts: slices.SliceFacts
    run: RunProgress | None


def sample(order: SampleOrder) -> int:
    """Loads a sample, or carries on one that was interrupted, and writes its diff; gives 4 where
    the org refused a row, 1 where it holds something else than was sent."""
    with session() as s, sole_run(s.home, s.identity.id):
        if not s.identity.is_sandbox and not order.yes_production:
            raise UserError(
                f"{s.identity.name} ({s.identity.id}) is a production org: a sample would stand"
                " among its own records.",
                "Load it into a sandbox; or say --yes-production, and roll it back afterwards.",
                Exit.BLOCKED,
            )
        folder = s.home.runs / f"sample-{s.identity.id}"
        with manifest_of(s.home) as manifest:
            done = _carried_on(s, manifest, folder) or _loaded(s, manifest, order, folder)
            document = _diff(s, manifest, done, folder)
            _keep(manifest, done, document)
        shutil.rmtree(s.spill, ignore_errors=True)
    if order.as_json:
        terminal.print_json(document)
    else:
        _say(document)
    if document["rejected"]:
        return Exit.REJECTED
    return Exit.ERROR if _wrong(document) else Exit.DONE


def _wrong(document: dict[str, Any]) -> int:
    """How many fields are not as they were sent."""
    return sum(document["fields"][state] for state in _WRONG)


def _keep(manifest: Manifest, done: Sample, document: dict[str, Any]) -> None:
    """Remembers what the sample showed, for whoever approves it."""
    with Path(document["reports"]["csv"]).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    approvals.keep_sample(
        manifest,
        approvals.Sample(
            run=document["run"],
            org=document["org"],
            mapping=done.mapping,
            masked=done.masked,
            rejected=document["rejected"],
            wrong=_wrong(document),
            diff=digest,
        ),
    )


def _carried_on(s: Session, manifest: Manifest, folder: Path) -> Sample | None:
    """The sample that was left open, carried to its end; None where nothing is open."""
    run = manifest.open_run(s.identity.id)
    if run is None:
        return None
    kind = manifest.con.execute("select kind from runs where run = ?", [run]).fetchone()
    if kind != ("sample",):
        raise UserError(
            f"Run {run} was begun and has not ended.",
            "`load-sf run` carries it on; then take the sample.",
            Exit.BLOCKED,
        )
    said = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
    facts = slices.SliceFacts(**said["facts"])
    return Sample(said["mapping"], said["masked"], facts, carry_on(s, manifest)[0])


def _loaded(s: Session, manifest: Manifest, order: SampleOrder, folder: Path) -> Sample:
    """Chooses a slice and loads what the org has not yet of it."""
    con = manifest.con
    project, steps = gated(s, manifest)
    with terminal.watching("Choosing patients"):
        facts = slices.pick(con, project, order.patients)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    slices.keep(con, project, folder)
    mapping = mapping_now(s, project)
    said = {"mapping": mapping, "masked": order.mask, "facts": asdict(facts)}
    (folder / "sample.json").write_text(json.dumps(said), encoding="utf-8")
    gate.close_warehouse(con)
    if not facts.records:
        raise UserError(
            "There is no patient to take: all rows are held back, or none was landed.",
            "The corrections report says why.",
            Exit.BLOCKED,
        )
    _attach(s, manifest, project, folder, order.mask)
    if order.mask:
        _require_none_unmasked(s, manifest, project)
    counts = {step.name: changes.count(con, step, s.identity.id) for step in steps}
    if not any(c.to_send for c in counts.values()):
        gate.close_warehouse(con)
        return Sample(mapping, order.mask, facts, None)
    run = freeze_and_send(s, manifest, project, steps, counts)
    return Sample(mapping, order.mask, facts, run)


def _attach(s: Session, manifest: Manifest, project: Project, folder: Path, mask: bool) -> None:
    replaced = masking.masks(project, folder, s.home.path) if mask else {}
    slices.attach(manifest.con, project, folder, replaced)


def _require_none_unmasked(s: Session, manifest: Manifest, project: Project) -> None:
    """Raises UserError where made-up values would take the place of real ones."""
    parts = " union all ".join(
        f"select r.key from records as r join warehouse.{step.relation} as m on r.key ="
        f" m.{name(step.external_id)} where r.org = $org and r.step = '{step.name}'"
        f" and r.row_hash is not null and m._row_hash like '{masking.MARK}%'"
        f" and r.row_hash not like '{masking.MARK}%'"
        for step in project.steps
    )
    row = manifest.con.execute(f"select count(*) from ({parts})", {"org": s.identity.id}).fetchone()
    if row and row[0]:
        raise UserError(
            f"{s.identity.name} holds {row[0]:,} of these records unmasked already.",
            "Take the sample without --mask, or into a sandbox that has none of them.",
            Exit.BLOCKED,
        )


def _diff(s: Session, manifest: Manifest, done: Sample, folder: Path) -> dict[str, Any]:
    """Reads the slice back, compares it, and writes the reports; gives the command's document."""
    con, project = manifest.con, s.project()
    _attach(s, manifest, project, folder, done.masked)
    read = folder / "read"
    shutil.rmtree(read, ignore_errors=True)
    read.mkdir(mode=0o700)
    found = read_back(s, manifest, project, 100.0, read)
    compare.start(con)
    for step in project.steps:
        compare.compare(con, found.against(step, s.identity.id))
    diff.stage(
        *(con, project, found.plans, found.held, s.identity.id),
        *(folder, s.home.raw / "current"),
    )
    fields = diff.summary(con, project)
    document = _document(s, manifest, done, fields)
    document["reports"] = write_report(s.home, con, project, document, fields)
    gate.close_warehouse(con)
    shutil.rmtree(read)
    return document


def _document(
    s: Session, manifest: Manifest, done: Sample, fields: list[FieldSummary]
) -> dict[str, Any]:
    """What `--json` says: counts, names of fields and classes of problems, never a value."""
    by_step: dict[str, list[FieldSummary]] = {}
    for each in fields:
        by_step.setdefault(each.step, []).append(each)
    rejected = manifest.con.execute("select count(*) from rows where action = 'rejected'")
    return {
        "org": s.identity.id,
        "org_name": s.identity.name,
        "run": done.run.run if done.run else None,
        "masked": done.masked,
        "patients": done.facts.patients,
        "records": done.facts.records,
        "rejected": (rejected.fetchone() or (0,))[0],
        "fields": {state: sum(f.count(state) for f in fields) for state in diff.STATES},
        "shown": list(done.facts.shown),
        "not_shown": list(done.facts.not_shown),
        "steps": [
            {
                "step": step,
                "object": found[0].object,
                "records": done.facts.rows.get(step, 0),
                "fields": [{"field": f.field, "classes": f.classes} | f.states for f in found],
            }
            for step, found in by_step.items()
        ],
        "sent": [asdict(step) for step in done.run.steps] if done.run else [],
    }


def _say(document: dict[str, Any]) -> None:
    say = terminal.console.print
    kind = "masked sample" if document["masked"] else "sample"
    run = f"Run {document['run']}" if document["run"] else "Nothing was left to send"
    say(f"{run}: a {kind} of {document['patients']:,} patients, {document['records']:,} records")
    for step in document["steps"]:
        sums = {
            state: sum(f.get(state, 0) for f in step["fields"])
            for state in diff.STATES
            if state != "empty"
        }
        listed = ", ".join(f"{number:,} {state}" for state, number in sums.items() if number)
        say(f"  {step['step']}: {step['records']:,} records; fields: {listed}")
    if document["rejected"]:
        say(f"The org refused {document['rejected']:,} records: the report names them.")
    if document["not_shown"]:
        say(f"Not in this sample: {', '.join(document['not_shown'])}.")
    if document["masked"]:
        say("Until a run sends them unmasked, `load-sf verify` finds the masked fields to differ.")
    say(f"To read and print: {document['reports']['page']}", markup=False)
    say(f"For a spreadsheet: {document['reports']['csv']}", markup=False)
    wrong = _wrong(document)
    say(
        f"{wrong:,} fields are not as they were sent."
        if wrong
        else "The org holds every record of the sample as it was sent."
    )
