"""The names fields bear in list views and related lists: not those of the API, where standard."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local_org.metadata.draft import Draft


@cache
def platform() -> Mapping[str, Any]:
    """Give the names the platform fixes."""
    text = (Path(__file__).parent / "platform.yml").read_text(encoding="utf-8")
    facts: Mapping[str, Any] = yaml.safe_load(text)
    return facts


@cache
def standard_tabs() -> frozenset[str]:
    """Give the names of the standard tabs."""
    return frozenset(f"standard-{name}" for name in platform()["tabs"])


def resolves(draft: Draft, owner: str, column: str) -> bool:
    """Whether a list of an object's records can show a column."""
    if column.endswith("__c"):
        return column in draft.fields_of(owner)
    columns = platform()["columns"]
    if owner in draft.objects:
        owned = draft.objects[owner].get("sharing") != "ControlledByParent"
        return column in columns["custom"] and (owned or not column.startswith("OWNER."))
    return owner in platform()["activities"] and column in (*columns[owner], *columns["standard"])
