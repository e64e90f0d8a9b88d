"""A run that was begun in an org and has not ended: it goes before any other."""

from loaders.errors import Exit, UserError
from loaders.salesforce.ledger.manifest import Manifest


def open_run_line(manifest: Manifest, org: str) -> str | None:
    """What becomes of it, in words; None where there is none."""
    run = manifest.open_run(org)
    if run is None or manifest.kind(run) == "rollback":
        return None
    return (
        f"Run {run} was begun and has not ended: `load-sf run` carries it on first, with the rows"
        " it has frozen."
    )


def require_no_rollback(manifest: Manifest, org: str) -> None:
    """Raises UserError (blocked) where it is a rollback."""
    run = manifest.open_run(org)
    if run is not None and manifest.kind(run) == "rollback":
        raise UserError(
            "A rollback is under way in this org.",
            "Run `load-sf rollback` as before to carry it on; then run again.",
            Exit.BLOCKED,
        )
