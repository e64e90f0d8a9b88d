"""Small questions about records: how many bear a key, when they were changed last, a short query.

REST API Developer Guide v67.0, "QueryAll": archived activities are found, and deleted records,
which have to be left out by `IsDeleted`.
"""

from typing import Any

from loaders.salesforce.api import shapes
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.setup import quoted

CHANGED, CHANGED_BY = "SystemModstamp", "LastModifiedById"
# A query travels in the address, which may have 16,000 characters.
MOST_ASKED = 300


def count(org: Org, sobject: str, key: str) -> int:
    """How many records hold anything in the field `key`, archived ones included."""
    soql = f"SELECT COUNT() FROM {sobject} WHERE IsDeleted = false AND {key} != null"
    what = f"how many {sobject} records there are"
    said = org.get("queryAll", what, "totalSize", params={"q": soql})
    return shapes.number(said["totalSize"], what)


def alive(org: Org, sobject: str, ids: list[str]) -> list[str]:
    """Those of the Ids whose records are there, archived ones included."""
    found: list[str] = []
    for start in range(0, len(ids), MOST_ASKED):
        listed = ", ".join(quoted(each) for each in ids[start : start + MOST_ASKED])
        soql = f"SELECT Id FROM {sobject} WHERE IsDeleted = false AND Id IN ({listed})"
        said = org.query(soql, f"which {sobject} records are there", archived=True)
        found += [str(row["Id"]) for row in said]
    return found


def newest_change(org: Org, sobject: str, ids: list[str]) -> str | None:
    """The latest SystemModstamp of these records, by the org's own clock; None of none."""
    stamps: list[str] = []
    for start in range(0, len(ids), MOST_ASKED):
        listed = ", ".join(quoted(each) for each in ids[start : start + MOST_ASKED])
        soql = f"SELECT {CHANGED} FROM {sobject} WHERE Id IN ({listed})"
        stamps += [str(row[CHANGED]) for row in org.query(soql, f"when {sobject} changed")]
    # One format and one zone: the later text is the later time.
    return max(stamps, default=None)


def few(org: Org, soql: str, what: str) -> list[dict[str, Any]] | None:
    """The records of a query whose answer fits into one page, None where it does not."""
    page = org.get("queryAll", what, "records", "done", "totalSize", params={"q": soql})
    found = shapes.records(page["records"], soql, what)
    if page["done"] and len(found) < shapes.number(page["totalSize"], what):
        return org.query(soql, what, archived=True)
    return found if page["done"] else None
