"""Which objects look up another one, and the records that do.

Describe's `childRelationships` (REST API Developer Guide v67.0, sObject Describe) names every
lookup; what the platform keeps for itself about a record is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.salesforce.api import bulk, files, shapes
from loaders.salesforce.api.errors import Refused
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.records import CHANGED, MOST_ASKED, few
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.api.setup import quoted

MADE, MADE_BY = "CreatedDate", "CreatedById"
# Copies, logs and access the platform keeps of every record.
_KEPT_BY_ITSELF = ("History", "Feed", "Share", "ChangeEvent", "CleanInfo")
MOST_BY_ID = 5 * MOST_ASKED
"""How many records' children are asked for by their Ids at most."""


@dataclass(frozen=True)
class Lookup:
    """A lookup of another object's: the object, the field, its path to the parent."""

    object: str
    field: str
    columns: tuple[str, ...]
    path: str | None = None
    keeps_deleted: bool = True


def queryable(org: Org) -> frozenset[str]:
    """The objects this user may query."""
    what = "the list of its objects"
    said = org.get("sobjects", what, "sobjects")
    objects = shapes.each_has(said["sobjects"], {"name": str, "queryable": bool}, what)
    return frozenset(each["name"] for each in objects if each["queryable"])


def lookups(
    org: Org,
    describe: dict[str, Any],
    known: frozenset[str],
    described: dict[str, dict[str, Any] | None],
) -> Iterator[Lookup]:
    """The lookups that may point at an object's records, by its describe. `known` are the objects
    that can be queried, `described` those described so far."""
    for each in describe["childRelationships"]:
        child, field = str(each["childSObject"]), str(each["field"])
        # A version says for ever where it was published first; its links say where it is.
        if child not in known or child.endswith(_KEPT_BY_ITSELF) or child == files.VERSION:
            continue
        if child not in described:
            described[child] = org.describe(child)
        fields = {f["name"]: f for f in (described[child] or {}).get("fields", ())}
        if not fields.get(field, {}).get("filterable"):
            continue
        about = [c for c in ("Id", MADE, MADE_BY, CHANGED) if c in fields]
        if child == files.LINK:
            about = ["Id", files.DOCUMENT]
        path = None
        if child == describe["name"]:
            path = f"{fields[field]['relationshipName']}."
        yield Lookup(child, field, (*about, field), path, "IsDeleted" in fields)


def pointing(
    org: Org, lookup: Lookup, parent: str, key: str, ids: list[str], folder: Path
) -> list[Path] | list[dict[str, Any]] | None:
    """The records of a lookup whose parent is one of `ids`, or, of very many, any that bears our
    key: as records where they are few, else as the pages of a CSV. None where the org lets
    nobody ask."""
    try:
        if len(ids) <= MOST_BY_ID:
            return _by_id(org, lookup, ids)
        own = f"{lookup.field} IN (SELECT Id FROM {parent} WHERE {key} != null)"
        if lookup.path:
            # No subquery may be of the object it is asked from.
            own = f"{lookup.path}{key} != null"
        soql = _soql(lookup, own)
        found = few(org, soql, f"{lookup.object} by {lookup.field}")
        return found if found is not None else bulk.query_all(org, soql, Polling(), folder)
    except Refused as refused:
        if refused.status == 400:
            return None
        raise


def _by_id(org: Org, lookup: Lookup, ids: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), MOST_ASKED):
        listed = ", ".join(quoted(each) for each in ids[start : start + MOST_ASKED])
        soql = _soql(lookup, f"{lookup.field} IN ({listed})")
        found += org.query(soql, f"{lookup.object} by {lookup.field}", archived=True)
    return found


def _soql(lookup: Lookup, where: str) -> str:
    alive = "IsDeleted = false AND " if lookup.keeps_deleted else ""
    return f"SELECT {', '.join(lookup.columns)} FROM {lookup.object} WHERE {alive}{where}"
