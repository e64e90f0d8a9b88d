"""`load-sf approve`: records who approved which mapping, schema and sample, by hash."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.raw.landing import current_generation
from loaders.salesforce.commands.approving import subject
from loaders.salesforce.commands.schema_facts import this_schema
from loaders.salesforce.commands.session import Session, session
from loaders.salesforce.ledger import approvals, gate
from loaders.salesforce.ledger.approvals import Approval
from loaders.salesforce.ledger.manifest import Manifest, open_manifest

_LONGEST_NAME = 200
_NO_SAMPLE: dict[str, Any] = {"sample": None, "sample_org": None, "sample_hash": None}


def approve(by: str | None, yes: bool, as_json: bool) -> None:
    """Shows what is approved, then records it. Raises UserError (blocked) where there is nothing
    to approve."""
    if by is not None and not (by.isprintable() and 0 < len(by.strip()) <= _LONGEST_NAME):
        raise UserError("--by is no name.", "Write one line, such as 'Dr. Ada Park'.", Exit.USAGE)
    with session() as s, open_manifest(s.home.manifest, s.spill) as manifest:
        approval = _approval(s, manifest, by.strip() if by else None)
        if not as_json:
            _show(approval)
            if not yes and terminal.interactive():
                click.confirm("Approve this?", abort=True)
        approvals.record(manifest, approval)
    if as_json:
        terminal.print_json({"approved": _document(approval)})
    else:
        terminal.console.print("Approved.")


def _approval(s: Session, manifest: Manifest, by: str | None) -> Approval:
    generation = current_generation(s.home)
    if generation is None:
        raise UserError("Nothing has been landed yet.", "Run `load-raw` first.", Exit.BLOCKED)
    project = s.project()
    gate.require_pull(gate.pulled_org(manifest.con, s.home.raw / "current"), s.identity.id)
    gate.open_warehouse(manifest.con, s.home.warehouse, project.steps)
    gate.require_build(manifest.con, project, project.steps, generation)
    gate.close_warehouse(manifest.con)
    sample = approvals.last_sample(manifest.con, s.home.runs, s.identity.id)
    if sample is None and not s.identity.is_sandbox:
        raise UserError(
            f"{s.identity.name} is a production org, and no sample was ever loaded from here.",
            "Run `load-sf sample` in a sandbox and read its diff, then approve.",
            Exit.BLOCKED,
        )
    now = subject(s, project, this_schema(s.home, project.steps))
    return Approval(
        org=s.identity.id,
        org_name=s.identity.name,
        is_sandbox=s.identity.is_sandbox,
        login=s.org.username(),
        approved_by=by,
        **asdict(now),
        **(asdict(sample) if sample else _NO_SAMPLE),
        approved_at=datetime.now(UTC),
    )


def _show(approval: Approval) -> None:
    kind = "a sandbox" if approval.is_sandbox else "a production org"
    sample = "none was loaded"
    if approval.sample:
        where = "this org" if approval.sample_org == approval.org else f"org {approval.sample_org}"
        sample = f"run {approval.sample} into {where}, plan {approval.sample_hash or 'not kept'}"
    for what, value in (
        ("Org", f"{approval.org_name} ({approval.org}), {kind}"),
        ("By", f"{approval.approved_by or approval.login} (logged in as {approval.login})"),
        ("Mapping", approval.mapping),
        ("Schema", approval.schema_hash),
        ("Package", f"{approval.package} (with the picklist values of today's data)"),
        ("Sample", sample),
    ):
        terminal.console.print(f"{what:<8} {value}", markup=False)


def _document(approval: Approval) -> dict[str, Any]:
    return asdict(approval) | {"approved_at": approval.approved_at.isoformat(timespec="seconds")}
