"""Fields the org has already, as the last pull described them, that a custom field could fill."""

import difflib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from loaders.home import Home
from loaders.raw.contract.names import plain
from loaders.raw.custom.target import Target
from loaders.raw.sql import text

# As good as this, names mean the same.
_ALIKE = 0.9
# What describe calls the types that can hold each of ours.
_HOLDS = {
    "Text": ("string", "textarea", "phone", "picklist"),
    "LongTextArea": ("textarea",),
    "TextArea": ("textarea",),
    "Picklist": ("picklist", "string"),
    "Checkbox": ("boolean",),
    "Date": ("date",),
    "DateTime": ("datetime",),
    "Number": ("double", "int", "long"),
    "Currency": ("currency", "double"),
    "Percent": ("percent", "double"),
    "Email": ("email", "string"),
    "Phone": ("phone", "string"),
    "Url": ("url", "string"),
}
TYPES = {
    "string": "Text",
    "textarea": "LongTextArea",
    "picklist": "Picklist",
    "boolean": "Checkbox",
    "date": "Date",
    "datetime": "DateTime",
    "double": "Number",
    "int": "Number",
    "long": "Number",
    "currency": "Currency",
    "percent": "Percent",
    "email": "Email",
    "phone": "Phone",
    "url": "Url",
}


@dataclass(frozen=True)
class OrgField:
    """A field of the org that may be written."""

    object: str
    name: str
    label: str
    type: str
    length: int
    precision: int
    scale: int
    values: tuple[str, ...]

    @property
    def said(self) -> dict[str, Any]:
        """Its target, as custom_fields.yml says it."""
        kind = TYPES[self.type]
        if kind == "LongTextArea" and self.length <= 255:
            kind = "TextArea"
        found: dict[str, Any] = {"type": kind}
        if kind in ("Text", "TextArea", "LongTextArea"):
            found["length"] = self.length
        if kind in ("Number", "Currency", "Percent") and self.precision:
            found |= {"precision": self.precision, "scale": self.scale}
        return found | ({"values": list(self.values)} if kind == "Picklist" else {})


@dataclass(frozen=True)
class Match:
    """A field of the org that a custom field agrees with, how well, and why."""

    field: OrgField
    score: float
    reasons: tuple[str, ...]


@cache
def _synonyms() -> dict[str, dict[str, list[str]]]:
    file = Path(__file__).with_name("synonyms.yml")
    said: dict[str, dict[str, list[str]]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return said


def org_fields(con: duckdb.DuckDBPyConnection, home: Home) -> list[OrgField]:
    """Fields that this user may create and change; none before the first pull."""
    files = home.raw / "current" / "salesforce" / "fields" / "*.parquet"
    rows = con.execute(
        "select object, field, label, type, length, precision, scale, picklist_values"
        f" from read_parquet({text(files)})"
        " where createable = 'true' and updateable = 'true' order by object, field"
    ).fetchall()
    return [
        OrgField(
            o,
            n,
            label or n,
            kind,
            int(length or 0),
            int(precision or 0),
            int(scale or 0),
            tuple(json.loads(values or "[]")),
        )
        for o, n, label, kind, length, precision, scale, values in rows
        if kind in TYPES
    ]


def best_match(
    name: str,
    target: Target,
    longest: int,
    words: Sequence[str],
    fields: Sequence[OrgField],
    filled: Collection[str],
) -> Match | None:
    """The org's field that agrees best by name, synonym, type and values; None where none does.
    `filled` are fields, in lower case, that something else goes to."""
    found = [
        match
        for field in fields
        if field.name.lower() not in filled
        if (match := _match(name, target, longest, words, field))
    ]
    return max(found, key=lambda m: (m.score, m.field.name), default=None)


def _match(
    name: str, target: Target, longest: int, words: Sequence[str], field: OrgField
) -> Match | None:
    likeness, how = _named(name, field)
    if likeness < _ALIKE or field.type not in _HOLDS[target.type]:
        return None
    reasons = [how, f"a {target.type} goes into its type, {field.type}"]
    if field.type in ("string", "textarea", "email", "phone", "url") and longest > field.length:
        return None
    fit = 1.0
    if field.type == "picklist":
        known = {v.lower() for v in field.values}
        held = [w for w in words if w.lower() in known]
        fit = len(held) / len(words) if words else 0.0
        # A list of our own beats one that leaves out most of what is there.
        if fit < 0.5:
            return None
        reasons.append(f"{len(held)} of {len(words)} values are on its list")
    exact = field.type == _HOLDS[target.type][0]
    score = 0.6 * likeness + (0.25 if exact else 0.15) + 0.15 * fit
    return Match(field, round(score, 2), tuple(reasons))


def _named(name: str, field: OrgField) -> tuple[float, str]:
    said = plain(name)
    synonyms = _synonyms().get(field.object, {}).get(field.name, ())
    if said and said in {plain(synonym) for synonym in synonyms}:
        return 1.0, f"a word for {field.label}"
    own = field.name.removesuffix("__c")
    likeness = max(_likeness(name, other) for other in (own, field.label))
    return likeness, f"called like {field.label}"


def _likeness(a: str, b: str) -> float:
    """How alike two names are, 0 to 1, whatever the order of their words."""
    in_order = [plain("".join(sorted(n.lower().replace("_", " ").split()))) for n in (a, b)]
    as_written = [plain(a), plain(b)]
    return max(
        difflib.SequenceMatcher(None, one, other).ratio() for one, other in (in_order, as_written)
    )
