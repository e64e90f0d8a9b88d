"""`load-sf approve`: records who approved which mapping, schema and sample, by hash."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.raw.landing import current_generation
from loaders.salesforce.commands.approving import subject
from loaders.salesforce.commands.noting import manifest_of
from loaders.salesforce.commands.schema_facts import this_schema
from loaders.salesforce.commands.session import Session, session
from loaders.salesforce.ledger import approvals, gate
from loaders.salesforce.ledger.approvals import Approval, Sample, Subject
from loaders.salesforce.ledger.manifest import Manifest

_LONGEST_NAME = 200
_ALL_THERE = "the org had it all"


def approve(by: str | None, yes: bool, as_json: bool) -> None:
    """Shows what is approved, then records it. Raises UserError (blocked) where there is nothing
    to approve."""
    if by is not None and not (by.isprintable() and 0 < len(by.strip()) <= _LONGEST_NAME):
        raise UserError("--by is no name.", "Write one line, such as 'Dr. Ada Park'.", Exit.USAGE)
    with session() as s, manifest_of(s.home) as manifest:
        approval, sample = _approval(s, manifest, by.strip() if by else None)
        if not as_json:
            _show(approval, sample)
            if not yes and terminal.interactive():
                click.confirm("Approve this?", abort=True)
        approvals.record(manifest, approval)
    if as_json:
        terminal.print_json({"approved": _document(approval, sample)})
    else:
        terminal.console.print("Approved.")


def _approval(s: Session, manifest: Manifest, by: str | None) -> tuple[Approval, Sample | None]:
    generation = current_generation(s.home)
    if generation is None:
        raise UserError("Nothing has been landed yet.", "Run `load-raw` first.", Exit.BLOCKED)
    project = s.project()
    gate.require_pull(gate.pulled_org(manifest.con, s.home.raw / "current"), s.identity.id)
    gate.open_warehouse(manifest.con, s.home.warehouse, project.steps)
    gate.require_build(manifest.con, project, project.steps, generation)
    gate.close_warehouse(manifest.con)
    now = subject(s, project, this_schema(s.home, project.steps))
    sample = approvals.last_sample(manifest.con, s.identity.id, now.mapping)
    if not s.identity.is_sandbox:
        _require_sample(s, sample, now)
    approval = Approval(
        org=s.identity.id,
        org_name=s.identity.name,
        is_sandbox=s.identity.is_sandbox,
        login=s.org.username(),
        approved_by=by,
        **asdict(now),
        sample=(sample.run or _ALL_THERE) if sample else None,
        sample_org=sample.org if sample else None,
        sample_hash=sample.diff if sample else None,
        approved_at=datetime.now(UTC),
    )
    return approval, sample


def _require_sample(s: Session, sample: Sample | None, now: Subject) -> None:
    if sample and sample.mapping == now.mapping:
        return
    why = "the mapping changed since the last sample" if sample else "no sample was ever loaded"
    raise UserError(
        f"{s.identity.name} is a production org, and {why}{'' if sample else ' from here'}.",
        "Run `load-sf sample` in a sandbox and read its diff, then approve.",
        Exit.BLOCKED,
    )


def _show(approval: Approval, sample: Sample | None) -> None:
    kind = "a sandbox" if approval.is_sandbox else "a production org"
    for what, value in (
        ("Org", f"{approval.org_name} ({approval.org}), {kind}"),
        ("By", f"{approval.approved_by or approval.login} (logged in as {approval.login})"),
        ("Mapping", approval.mapping),
        ("Schema", approval.schema_hash),
        ("Package", f"{approval.package} (with the picklist values of today's data)"),
        ("Sample", _told(approval, sample) if sample else "none was loaded"),
    ):
        terminal.console.print(f"{what:<8} {value}", markup=False)


def _told(approval: Approval, sample: Sample) -> str:
    """What a sample was, and what it showed."""
    where = "this org" if sample.org == approval.org else f"org {sample.org}"
    loaded = f"run {sample.run} into {where}" if sample.run else f"{where}, which had it all"
    parts = [loaded, "masked" if sample.masked else "", f"diff {sample.diff}"]
    if sample.mapping != approval.mapping:
        parts.append("of another mapping than today's")
    wrong = f"{sample.wrong:,} fields not as they were sent"
    if sample.rejected or sample.wrong:
        parts.append(f"{sample.rejected:,} records refused, {wrong}")
    return "; ".join(filter(None, parts))


def _document(approval: Approval, sample: Sample | None) -> dict[str, Any]:
    at = approval.approved_at.isoformat(timespec="seconds")
    showed = asdict(sample) if sample else None
    return asdict(approval) | {"approved_at": at, "sample_showed": showed}
