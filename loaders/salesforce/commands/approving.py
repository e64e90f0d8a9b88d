"""What an approval is of, and the production gate: a production org takes a run only where mapping
and schema are those last approved for it."""

from dataclasses import asdict

from loaders.errors import Exit, UserError
from loaders.options import read_options
from loaders.salesforce.api.org import api_version
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import approvals, mapping
from loaders.salesforce.ledger.approvals import Approval, Subject
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.steps import Project
from loaders.salesforce.schema.contents import read_contents
from loaders.salesforce.schema.migration import mapped_schema
from loaders.salesforce.schema.model import Schema
from loaders.salesforce.schema.package import deployable

_APPROVE = "Run `load-sf plan`, then `load-sf approve`."


def subject(s: Session, project: Project, schema: Schema | None = None) -> Subject:
    """What would be approved now. `schema` is this migration's with the values of its data, where
    it was made already; without it the package's hash stays empty."""
    version = api_version()
    return Subject(
        mapping=mapping_now(s, project),
        schema_hash=read_contents(deployable(mapped_schema(s.home, project.steps), version)).hash,
        package=read_contents(deployable(schema, version)).hash if schema else "",
    )


def mapping_now(s: Session, project: Project) -> str:
    """The hash of the mapping that is here now."""
    fields = mapping.custom_fields(s.home.custom_fields, "confirmed")
    return mapping.mapping_hash(
        project, s.home.dbt_target / "manifest.json", asdict(read_options()), fields
    )


def why_not_approved(approval: Approval | None, now: Subject) -> str | None:
    """Why an approval does not hold for what is here now; None where it does."""
    if approval is None:
        return "nobody has approved a run into it"
    if approval.covers(now):
        return None
    changed = [
        what
        for what, then, is_now in (
            ("the mapping", approval.mapping, now.mapping),
            ("the schema", approval.schema_hash, now.schema_hash),
        )
        if then != is_now
    ]
    who = approval.approved_by or approval.login
    return (
        f"{' and '.join(changed)} changed since {who} approved on {approval.approved_at:%Y-%m-%d}"
    )


def require_approval(s: Session, manifest: Manifest, project: Project) -> None:
    """Raises UserError (blocked) where a production org is to be loaded without an approval of
    what would be loaded."""
    if s.identity.is_sandbox:
        return
    why = why_not_approved(approvals.newest(manifest.con, s.identity.id), subject(s, project))
    if why:
        raise UserError(
            f"{s.identity.name} ({s.identity.id}) is a production org, and {why}.",
            _APPROVE,
            Exit.BLOCKED,
        )
