"""What of the org's schema is otherwise than when it was pulled."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from loaders.salesforce.ledger.plan import coded
from loaders.salesforce.ledger.steps import Step

Described = Mapping[str, Mapping[str, Any] | None]
_Fields = dict[str, dict[str, Any]]


def since_pull(
    con: duckdb.DuckDBPyConnection, raw_current: Path, steps: tuple[Step, ...], now: Described
) -> list[str]:
    """Each field the steps send that has changed since the pull, with what changed, in words.

    What was not there then says nothing: a deployment may have made it since.
    """
    found: dict[str, None] = {}
    pulled = _pulled(con, raw_current)
    for step in steps:
        then = pulled.get(step.object, {})
        described = now.get(step.object)
        if described is None:
            if then:
                found[f"{step.object} is gone, or hidden from this user"] = None
            continue
        known = {field["name"]: field for field in described["fields"]}
        for field in step.fields:
            api_name = field.api_name if field.relationship else coded(field.column, then)
            if api_name in then:
                for change in _changes(then[api_name], known.get(api_name)):
                    found[f"{step.object}.{api_name} {change}"] = None
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
        yield "is gone, or hidden from this user"
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
