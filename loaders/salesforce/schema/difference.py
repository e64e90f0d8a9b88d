"""The schema held against what an org says it has and grants."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from loaders.salesforce.api.setup import Rights
from loaders.salesforce.ledger.plan import coded
from loaders.salesforce.ledger.steps import Field, Step
from loaders.salesforce.schema.described import unlike
from loaders.salesforce.schema.model import Schema, described_as

KINDS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).resolve().parent / "differences.yml").read_text(encoding="utf-8")
)
_ORDER = {kind: place for place, kind in enumerate(KINDS)}
_UNKNOWN = "it is missing, or this user may not see it"
_WRITES = ("Read", "Create", "Edit")


@dataclass(frozen=True)
class Difference:
    """One thing the org lacks or has otherwise; `do` says what an admin does about it."""

    kind: str
    object: str
    field: str | None
    detail: str
    do: str = ""

    @property
    def what(self) -> str:
        """The object or field."""
        return f"{self.object}.{self.field}" if self.field else self.object


@dataclass(frozen=True)
class Seen:
    """What an org says: describes by object (None where this user sees none), the custom objects
    and fields there are, the loader's permission set. None stands for what it does not tell."""

    describes: Mapping[str, Mapping[str, Any] | None]
    there: frozenset[str] | None
    has_set: bool
    assigned: bool | None
    rights: Rights | None


def differences(schema: Schema, steps: tuple[Step, ...], seen: Seen) -> list[Difference]:
    """Everything the org has other than the schema and the steps want, in the order to work off."""
    found = [*_ours(schema, seen), *_theirs(steps, seen)]
    if not seen.has_set:
        found.append(Difference("no permission set", schema.loader.name, None, "no such set"))
    else:
        found += _granted(schema, seen, {d.what for d in found if d.kind == "missing"})
    if seen.has_set and seen.assigned is False:
        # One cause, one line: what the set grants is hidden until this user has the set.
        hidden = [d for d in found if d.kind == "not granted" and _grants(seen.rights, d)]
        found = [d for d in found if d not in hidden]
        until = f"{len(hidden)} objects and fields are hidden until it is" if hidden else ""
        found.append(Difference("not assigned", schema.loader.name, None, until))
    named = [replace(d, do=KINDS[d.kind]["do"].format(set=schema.loader.label)) for d in found]
    return sorted(named, key=lambda d: (_ORDER[d.kind], d.object, d.field or ""))


def _ours(schema: Schema, seen: Seen) -> Iterator[Difference]:
    """Objects and fields the package makes."""
    for obj in schema.objects:
        for shown in described_as(obj.api_name):
            if shown not in seen.describes:
                continue
            described = seen.describes[shown]
            if described is None:
                yield _unseen(seen, shown, None, obj.api_name)
                continue
            known = {f["name"]: f for f in described["fields"]}
            for field in obj.fields:
                found = known.get(field.api_name)
                if found is None:
                    there = f"{obj.api_name}.{field.api_name}"
                    yield _unseen(seen, shown, field.api_name, there)
                    continue
                for kind, detail in unlike(field, found):
                    yield Difference(kind, shown, field.api_name, detail)
                if not (found.get("updateable") or found.get("createable")):
                    yield Difference("not granted", shown, field.api_name, "read only")


def _unseen(seen: Seen, shown: str, field: str | None, name: str) -> Difference:
    """Something describe does not show: hidden from this user, or not there at all."""
    granted = seen.rights is not None and (
        f"{shown}.{field}" in seen.rights.readable if field else shown in seen.rights.objects
    )
    standard = field is None and not shown.endswith("__c")
    if granted or standard or (seen.there is not None and name in seen.there):
        return Difference("not granted", shown, field, "hidden from this user")
    detail = _UNKNOWN if seen.there is None else f"no such {'field' if field else 'object'}"
    return Difference("missing", shown, field, detail)


def _theirs(steps: tuple[Step, ...], seen: Seen) -> Iterator[Difference]:
    """Fields that Salesforce has and the steps fill: seen, writable, long enough."""
    told: set[tuple[str, str]] = set()
    for step in steps:
        described = seen.describes.get(step.object)
        if described is None:
            continue
        known = {f["name"]: f for f in described["fields"]}
        for field in step.fields:
            if field.is_custom or (step.object, field.api_name) in told:
                continue
            told.add((step.object, field.api_name))
            yield from _standard(step.object, field, known)


def _standard(sobject: str, field: Field, known: Mapping[str, Any]) -> Iterator[Difference]:
    name = field.api_name if field.relationship else coded(field.column, known)
    found = known.get(name)
    if found is None:
        yield Difference("not granted", sobject, name, "hidden from this user")
        return
    if not (found.get("updateable") or found.get("createable")):
        yield Difference("not granted", sobject, name, "read only")
    has = found.get("length") or 0
    if field.length and name == field.api_name and 0 < has < field.length:
        yield Difference(
            "narrower", sobject, name, f"{has:,} characters instead of {field.length:,}"
        )


def _granted(schema: Schema, seen: Seen, missing: set[str]) -> Iterator[Difference]:
    """What the loader's permission set should grant and does not."""
    if seen.rights is None:
        return
    grant = schema.loader
    for sobject in grant.objects:
        lacks = [r for r in _WRITES if r not in seen.rights.objects.get(sobject, ())]
        if lacks and sobject not in missing:
            detail = f"lacks {', '.join(lacks)}"
            yield Difference("not on the permission set", sobject, None, detail)
    for name in grant.fields:
        sobject, _, field = name.partition(".")
        if name in missing or sobject in missing or name in seen.rights.editable:
            continue
        detail = "read only" if name in seen.rights.readable else "not granted"
        yield Difference("not on the permission set", sobject, field, detail)


def _grants(rights: Rights | None, d: Difference) -> bool:
    if rights is None:
        return False
    return d.what in rights.readable or (d.field is None and d.object in rights.objects)


def needed(schema: Schema, steps: tuple[Step, ...]) -> list[str]:
    """The objects to describe."""
    shown = {s.object for s in steps}
    return sorted(shown | {d for o in schema.objects for d in described_as(o.api_name)})
