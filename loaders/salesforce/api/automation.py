"""What an org does of its own accord to records that are saved: rules, flows, triggers.

`automation.yml` says how each kind is asked for, and what to do about it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from loaders.salesforce.api.errors import Refused
from loaders.salesforce.api.org import Org

_UNKNOWN_TYPE = "INVALID_TYPE"


@dataclass(frozen=True)
class Met:
    """One rule, flow or trigger: the object whose records it meets (None where the org does not
    say), and what it says of itself."""

    object: str | None
    name: str
    about: str


@dataclass(frozen=True)
class Kind:
    """All of one kind that meet the records of some objects. `note` says what could not be
    read."""

    key: str
    title: str
    do: str
    found: tuple[Met, ...]
    note: str | None = None


@cache
def _kinds() -> dict[str, Any]:
    file = Path(__file__).resolve().parent / "automation.yml"
    kinds: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return kinds


def automation(
    org: Org, objects: Collection[str], custom_ids: Mapping[str, str] | None
) -> list[Kind]:
    """What meets records of these objects, kind by kind; never an error where this user may not
    look.

    `custom_ids` gives the setup Id of each custom object (Tooling API, CustomObject), by which
    rules name them; None where the org does not tell.
    """
    by_id = {setup_id[:15]: name for name, setup_id in (custom_ids or {}).items()}
    told = custom_ids is not None
    return [_kind(org, key, said, objects, by_id, told) for key, said in _kinds().items()]


def _kind(
    org: Org,
    key: str,
    said: Mapping[str, Any],
    objects: Collection[str],
    by_id: Mapping[str, str],
    told: bool,
) -> Kind:
    found: list[Met] = []
    unknown = 0
    note = None
    try:
        records = org.query(said["soql"], said["title"].lower(), tooling=said.get("tooling", False))
    except Refused as refused:
        if refused.status not in (400, 403, 404):
            raise
        records, note = [], _unreadable(said, refused)
    for record in records:
        met = _met(said, record, by_id)
        if met.object in objects or "object" not in said:
            found.append(met)
        elif met.object is None and not told:
            unknown += 1
    if unknown:
        note = f"Of {unknown} more the org does not tell this user whose records they meet."
    ordered = sorted(found, key=lambda met: (met.object or "", met.name))
    return Kind(key, said["title"], " ".join(said["do"].split()), tuple(ordered), note)


def _unreadable(said: Mapping[str, Any], refused: Refused) -> str | None:
    code = refused.problem.code
    if code == _UNKNOWN_TYPE and said.get("optional"):
        return None
    return f"Could not be read ({code}): this user needs View Setup and Configuration."


def _met(said: Mapping[str, Any], record: Mapping[str, Any], by_id: Mapping[str, str]) -> Met:
    named = [str(record[field]) for field in said["name"] if record.get(field)]
    about = [str(record[field]) for field in said.get("words", ()) if record.get(field)]
    about += [words for flag, words in said.get("flags", {}).items() if record.get(flag)]
    owner = record.get(said["object"]) if "object" in said else None
    if owner is not None:
        # Names have no digits in front; an Id of setup does (01I).
        owner = by_id.get(str(owner)[:15]) if str(owner)[:1].isdigit() else str(owner)
    return Met(owner, named[0] if named else "without a name", ", ".join(about))
