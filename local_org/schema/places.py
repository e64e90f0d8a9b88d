"""The states and countries of an org with State and Country/Territory Picklists.

`places.csv` holds the countries most practices meet, with Salesforce's names, and the states of
the two countries that have them here: United States and Canada.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

from local_org.schema.model import Field, SObject

HERE = Path(__file__).parent
CODE_LENGTH = 10
# Per object the prefixes of its addresses' field names, and how their labels begin.
ADDRESSES: dict[str, tuple[str, ...]] = {
    "Account": ("Billing", "Shipping"),
    "Contact": ("Mailing", "Other"),
    "Lead": ("",),
}


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    with (HERE / "places.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((row["country"], row["state"], row["name"]) for row in csv.DictReader(lines))


def countries() -> tuple[tuple[str, str], ...]:
    """Give every country's code and name."""
    return tuple((country, name) for country, state, name in _rows() if not state)


def states() -> tuple[tuple[str, str, str], ...]:
    """Give every state's country code, code and name."""
    return tuple(row for row in _rows() if row[1])


def with_codes(target: SObject) -> SObject:
    """Give the object with a code field behind each state and each country field."""
    stems = ADDRESSES.get(target.name)
    if stems is None:
        return target
    places = {f"{stem}State": f"{stem}StateCode" for stem in stems}
    places |= {f"{stem}Country": f"{stem}CountryCode" for stem in stems}
    fields: list[Field] = []
    for item in target.fields:
        fields.append(item)
        if item.name in places:
            fields.append(_code(item, places[item.name]))
    return replace(target, fields=tuple(fields))


def _code(text: Field, name: str) -> Field:
    codes = [code for code, _ in countries()]
    if name.endswith("StateCode"):
        codes = list(dict.fromkeys(code for _, code, _ in states()))
    return Field(
        name=name,
        label=f"{text.label} Code",
        type="picklist",
        length=CODE_LENGTH,
        nillable=True,
        createable=True,
        updateable=True,
        restricted=True,
        compound=text.compound,
        values=tuple(codes),
    )
