"""Records that a run leaves as they are, or deletes: those gone from the source, and those whose
row is held back since they were loaded. Told to people, and listed."""

from collections.abc import Iterable

from loaders import terminal
from loaders.salesforce.commands.orders import Order
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import held_now, missing
from loaders.salesforce.ledger.changes import Counts
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.missing import ObjectGone
from loaders.salesforce.ledger.steps import Project, Step


def tell_gone(
    s: Session, manifest: Manifest, project: Project, steps: tuple[Step, ...], order: Order
) -> list[ObjectGone]:
    """Tells of records that are gone from the source, and lists them; gives them by object."""
    con, org = manifest.con, s.identity.id
    _, objects = missing.gone(con, project, org, steps)
    file = s.home.reports / "gone.csv"
    file.unlink(missing_ok=True)
    gone, ours = sum(each.gone for each in objects), sum(each.ours for each in objects)
    if gone:
        s.home.reports.mkdir(mode=0o700, exist_ok=True)
        missing.write_list(con, project, org, file)
        terminal.notes.print(f"{gone:,} records are gone from the source: {file}")
        if not order.delete_missing:
            terminal.notes.print(
                f"They stay; --delete-missing deletes {ours:,} of them: what was created here, but"
                " for files."
            )
    return objects


def held_line(s: Session, manifest: Manifest, counted: Iterable[tuple[Step, Counts]]) -> str | None:
    """Lists the records that were loaded before and whose row is held back now; says in words how
    many they are and where they are listed, None where there are none."""
    file = s.home.reports / "held_back_now.csv"
    file.unlink(missing_ok=True)
    steps = [step for step, counts in counted if counts.held_back_now]
    if not steps:
        return None
    number = held_now.write_list(manifest.con, steps, s.identity.id, file)
    return (
        f"{number:,} records were loaded before and are held back now: the org has them as they"
        f" were. They are in {file}"
    )
