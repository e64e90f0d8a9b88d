"""What of the org's schema is otherwise than when it was pulled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders.salesforce.ledger.plan import coded
from loaders.salesforce.ledger.steps import Step

Described = Mapping[str, Mapping[str, Any] | None]
_Fields = dict[str, dict[str, Any]]
GONE = "is gone, or hidden from this user"


@dataclass(frozen=True)
class Change:
    """An object, or a field of it, and what is otherwise, in words."""

    object: str
    field: str | None
    what: str

    @property
    def line(self) -> str:
        """All of it."""
        return (
            f"{self.object}.{self.field} {self.what}"
            if self.field
            else (f"{self.object} {self.what}")
        )


def since_pull(
    con: duckdb.DuckDBPyConnection, raw_current: Path, steps: tuple[Step, ...], now: Described
) -> list[Change]:
    """Each object and field the steps send that has changed since the pull.

    What was not there then says nothing: a deployment may have made it since.
    """
    found: dict[Change, None] = {}
    pulled = _pulled(con, raw_current)
    for step in steps:
        then = pulled.get(step.object, {})
        described = now.get(step.object)
        if described is None:
            if then:
                found[Change(step.object, None, GONE)] = None
            continue
        known = {field["name"]: field for field in described["fields"]}
        for field in step.fields:
            name = field.api_name if field.relationship else coded(field.column, then)
            if name in then:
                for what in _changes(then[name], known.get(name)):
                    found[Change(step.object, name, what)] = None
    return list(found)


def _pulled(con: duckdb.DuckDBPyConnection, raw_current: Path) -> dict[str, _Fields]:
    files = raw_current / "salesforce" / "fields"
    if not files.is_dir():
        return {}
    rows = con.execute(
        "select object, field, type, length, nillable, createable, updateable, reference_to"
        " from read_parquet(?)",
        [str(files / "*.parquet")],
    ).fetchall()
    found: dict[str, _Fields] = {}
    for sobject, field, kind, length, nillable, createable, updateable, reference_to in rows:
        found.setdefault(sobject, {})[field] = {
            "type": kind,
            "length": int(length or 0),
            "nillable": nillable == "true",
            "createable": createable == "true",
            "updateable": updateable == "true",
            "referenceTo": [name for name in (reference_to or "").split(",") if name],
        }
    return found


def _changes(then: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterator[str]:
    if now is None:
        yield GONE
        return
    if now["type"] != then["type"]:
        yield f"was {then['type']} and is {now['type']}"
        return
    length = int(now.get("length") or 0)
    if length < then["length"]:
        yield f"held {then['length']:,} characters and holds {length:,}"
    for right, words in (("createable", "set on new records"), ("updateable", "changed")):
        if then[right] and not now.get(right):
            yield f"can no longer be {words}"
    if then["nillable"] and not now.get("nillable") and not now.get("defaultedOnCreate"):
        yield "must be filled now"
    lost = [name for name in then["referenceTo"] if name not in (now.get("referenceTo") or ())]
    if lost:
        yield f"no longer points at {', '.join(lost)}"
