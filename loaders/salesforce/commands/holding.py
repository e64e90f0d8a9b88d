"""Finds records that must not be deleted: something looks them up that would go, or lose them.

Deleting an account takes its contacts and opportunities along, whoever made them. A record whose
row is gone from the source stays while anything but what goes with it points at it.
"""

from pathlib import Path
from typing import Any

from loaders.salesforce.api import children, files
from loaders.salesforce.api.children import Lookup
from loaders.salesforce.api.org import Org
from loaders.salesforce.ledger import results
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name
from loaders.salesforce.ledger.superseded import Superseded

HELD = "HAS_OTHER_RECORDS"
"""Stands for the org's code where a record is not deleted because others look it up."""
# The platform makes these of a record's own lookups, and takes them away with it.
_BY_ITSELF = frozenset(
    {
        *("AccountContactRelation", "TaskRelation", "TaskWhoRelation", "EventRelation"),
        *("EventWhoRelation", "AcceptedEventRelation", "DeclinedEventRelation"),
        "UndecidedEventRelation",
    }
)


def held(
    org: Org,
    manifest: Manifest,
    org_id: str,
    plan: StepPlan,
    records: list[Superseded],
    leaving: set[str],
    folder: Path,
) -> set[str]:
    """The Ids among `records` that something looks up which stays. `leaving` are the Ids of all
    records that the run deletes."""
    describe = org.describe(plan.object)
    if describe is None or plan.binary:
        return set()
    known = children.queryable(org)
    described: dict[str, dict[str, Any] | None] = {plan.object: describe}
    ids = [record.id for record in records]
    found: set[str] = set()
    for lookup in children.lookups(org, describe, known, described):
        if lookup.object in _BY_ITSELF:
            continue
        pointing = children.pointing(org, lookup, plan.object, plan.external_id, ids, folder)
        staying = (row for row in _rows(manifest, lookup, pointing or []) if row[0] not in leaving)
        for child, parent in staying:
            if not (lookup.object == files.LINK and _is_our_file(manifest, org_id, child)):
                found.add(parent)
    return found & set(ids)


def _rows(
    manifest: Manifest, lookup: Lookup, pointing: list[Path] | list[dict[str, Any]]
) -> list[tuple[str, str]]:
    """Each child, and the record it looks up; a link stands for its document."""
    columns = [files.DOCUMENT if lookup.object == files.LINK else "Id", lookup.field]
    pages = [each for each in pointing if isinstance(each, Path)]
    if pages:
        chosen = ", ".join(map(name, columns))
        query = f"select {chosen} from ({results.union(pages, columns)})"
        rows = manifest.con.execute(query).fetchall()
        for page in pages:
            page.unlink()
        return rows
    return [
        (str(each[columns[0]]), str(each[columns[1]]))
        for each in pointing
        if isinstance(each, dict)
    ]


def _is_our_file(manifest: Manifest, org: str, document: str) -> bool:
    """Whether a document is of this project: it goes on without the record."""
    query = "select 1 from files where org = ? and document = ?"
    return manifest.con.execute(query, [org, document]).fetchone() is not None
