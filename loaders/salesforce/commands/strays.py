"""Records in the org that bear our key though the manifest does not know them.

Of an org the manifest knows nothing of, they mean that it was lost, and a run must not go on.
Elsewhere somebody made them: a row that meets one changes it, so it has to be kept as it was.
"""

from collections.abc import Iterable
from pathlib import Path

from loaders.errors import Exit, UserError
from loaders.salesforce.api import bulk, records
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import changes, results
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.sql import name
from loaders.salesforce.ledger.steps import Project, Step


def look(s: Session, manifest: Manifest, project: Project, steps: Iterable[Step]) -> frozenset[str]:
    """The objects of which the org has more records with our key than the manifest knows; one
    call an object. `steps` are those with new rows.

    Raises UserError (blocked) where the manifest knows nothing of this org.
    """
    con, org = manifest.con, s.identity.id
    knows = con.execute("select 1 from records where org = ? limit 1", [org]).fetchone()
    more: set[str] = set()
    for sobject, key in sorted({(step.object, step.external_id) for step in steps}):
        there = records.count(s.org, sobject, key)
        if there and not knows:
            raise UserError(
                f"This org holds {there:,} {sobject} records with a migration key, and the"
                " manifest knows of none: it belongs to another home, or was lost.",
                "Run `load-sf recover` first: it learns from the org what is loaded.",
                Exit.BLOCKED,
            )
        own = [step.name for step in project.steps if step.object == sobject]
        row = con.execute(
            "select count(distinct id) from records where org = ? and list_contains(?, step)"
            " and action <> 'deleted'",
            [org, own],
        ).fetchone()
        if there > int(row[0] if row else 0):
            more.add(sobject)
    return frozenset(more)


def recognise(
    s: Session, manifest: Manifest, steps: Iterable[Step], more: frozenset[str], folder: Path
) -> None:
    """Gives frozen rows that will meet such a record its Id: they change what is there."""
    con = manifest.con
    for step in steps:
        if step.object not in more or step.is_update:
            continue
        soql = (
            f"SELECT Id, {step.external_id} FROM {step.object}"
            f" WHERE IsDeleted = false AND {step.external_id} != null"
        )
        pages = bulk.query_all(s.org, soql, Polling(), folder / "strays")
        found = results.union(pages, ["Id", step.external_id])
        con.execute(
            "create or replace temp table strays as select f.key, f.id from"
            f" (select {name(step.external_id)} as key, any_value(Id) as id from ({found})"
            " group by 1) as f anti join records as r on r.org = ? and r.id = f.id",
            [s.identity.id],
        )
        for page in pages:
            page.unlink()
        changes.recognise(con, folder / f"{step.name}.parquet", "strays")
