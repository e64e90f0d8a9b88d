"""Standard objects describe themselves as real orgs do, in every field that marts fill."""

import csv
from pathlib import Path
from typing import Any

from tests.python.local_org.client import Client

# Drawn from real describes; for what none shows, from the Object Reference.
TABLE = Path(__file__).parents[1] / "salesforce" / "standard_fields.csv"
# These refer to whatever has activities, or files: real orgs differ in it by their features.
OPEN = ("WhatId", "FirstPublishLocationId")
FLAGS = ("nillable", "createable", "updateable")


def facts(found: dict[str, Any]) -> dict[str, str]:
    """A field of a describe, in the table's words."""
    return {
        "type": found["type"],
        "length": str(found["length"] or ""),
        **{flag: str(int(found[flag])) for flag in FLAGS},
        "referenceTo": "|".join(sorted(found["referenceTo"])),
    }


def test_fields_are_as_real_describes_say(org: Client) -> None:
    wrong, describes = [], {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 60
    for row in rows:
        name = row["object"]
        if name not in describes:
            fields = org.get(f"/sobjects/{name}/describe")["fields"]
            describes[name] = {each["name"]: each for each in fields}
        found = facts(describes[name][row["field"]])
        wanted = {key: row[key] for key in found}
        if row["field"] in OPEN:
            listed, told = (set(each.pop("referenceTo").split("|")) for each in (found, wanted))
            wrong += [f"{name}.{row['field']}: lacks {told - listed}"] if told - listed else []
        wrong += [f"{name}.{row['field']}: {found} is not {wanted}"] if found != wanted else []
    assert wrong == []
