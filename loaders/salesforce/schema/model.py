"""What the org must have for the marts to land: one definition a field, however many use it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from loaders.errors import UserError
from loaders.salesforce.ledger.steps import CustomObject, Field, Step

_PLATFORM: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parent / "platform.yml").read_text(encoding="utf-8")
)
_NUMBERS = ("Currency", "Number", "Percent")
_MAX_NAME = 40


@dataclass(frozen=True)
class SchemaField:
    """One custom field."""

    api_name: str
    type: str
    label: str
    description: str
    length: int | None
    precision: int | None
    scale: int | None
    values: tuple[str, ...]
    restricted: bool
    external_id: bool
    required: bool
    reference_to: str | None
    relationship_name: str | None
    relationship_label: str | None
    step: str


@dataclass(frozen=True)
class SchemaObject:
    """One object with the custom fields it needs; `custom` says how to make it, if we do."""

    api_name: str
    custom: CustomObject | None
    name_length: int | None
    fields: tuple[SchemaField, ...]


@dataclass(frozen=True)
class Grant:
    """One permission set: what it lets its users do."""

    name: str
    label: str
    description: str
    writes: bool
    objects: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """Everything that is deployed."""

    objects: tuple[SchemaObject, ...]
    grants: tuple[Grant, ...]

    @property
    def loader(self) -> Grant:
        """The permission set of the user who loads."""
        return self.grants[0]


def described_as(host: str) -> tuple[str, ...]:
    """The objects that show a host's custom fields: most objects show their own."""
    shown = tuple(o for o, h in _PLATFORM["hosts"].items() if h == host)
    return shown or (host,)


def build_schema(steps: tuple[Step, ...]) -> Schema:
    """The schema of all steps.

    Raises UserError where two marts define a field differently, or one cannot be made.
    """
    objects = {s.name: s.object for s in steps}
    hosts: dict[str, list[Step]] = {}
    for step in steps:
        hosts.setdefault(_PLATFORM["hosts"].get(step.object, step.object), []).append(step)
    built = tuple(_object(host, hosts[host], objects) for host in sorted(hosts))
    _check_relationships(built)
    return Schema(built, _grants(built, {s.object for s in steps}))


def _object(host: str, steps: list[Step], objects: dict[str, str]) -> SchemaObject:
    custom = next((s.custom for s in steps if s.custom), None)
    merged: dict[str, SchemaField] = {}
    for step in steps:
        for field in step.fields:
            if field.is_custom:
                new = _schema_field(host, step, field, objects, custom)
                old = merged.get(new.api_name)
                merged[new.api_name] = _united(host, old, new) if old else new
    if host.endswith("__c"):
        makers = [s for s in steps if not s.is_update]
        for name, made in merged.items():
            everywhere = all(_requires(s, name) for s in makers)
            merged[name] = replace(made, required=made.required and everywhere)
    name_field = next((f for s in steps for f in s.fields if f.column == "Name"), None)
    return SchemaObject(
        api_name=host,
        custom=custom,
        name_length=(name_field.length or 80) if custom and name_field else None,
        fields=tuple(merged[name] for name in sorted(merged)),
    )


def _requires(step: Step, api_name: str) -> bool:
    return any(f.api_name == api_name and f.required for f in step.fields)


def _schema_field(
    host: str, step: Step, field: Field, objects: dict[str, str], custom: CustomObject | None
) -> SchemaField:
    kind = field.type or ("Lookup" if field.lookup else None)
    if kind is None:
        raise UserError(f"{step.name}: {field.column} has no type.", "Give it one in the YAML.")
    target = field.to or (objects[field.lookup] if field.lookup else None)
    if kind == "Lookup" and target is None:
        raise UserError(
            f"{step.name}: the lookup {field.column} points at nothing.",
            "Name a mart (`lookup:`) or an object (`to:`).",
        )
    precision, scale = _digits(kind, field)
    bare = field.api_name.removesuffix("__c")
    owner = host.removesuffix("__c")
    return SchemaField(
        api_name=field.api_name,
        type=kind,
        label=(field.label or bare.replace("_", " "))[:_MAX_NAME],
        description=" ".join(field.description.split())[:1000],
        length=_length(kind, field),
        precision=precision,
        scale=scale,
        values=field.values,
        restricted=field.restricted,
        external_id=field.external_id,
        required=_can_require(host, kind, field),
        reference_to=target,
        relationship_name=f"{owner}_{bare}"[:_MAX_NAME].rstrip("_") if target else None,
        relationship_label=(custom.plural if custom else owner) if target else None,
        step=step.name,
    )


def _can_require(host: str, kind: str, field: Field) -> bool:
    """Only our own objects may demand a field; a key must not stop people who add records by
    hand, and a lookup that empties itself cannot be required."""
    able = kind not in ("Lookup", "Checkbox", "LongTextArea", "MultiselectPicklist")
    return field.required and able and host.endswith("__c") and not field.external_id


def _length(kind: str, field: Field) -> int | None:
    if kind == "Text":
        return field.length or 255
    return (field.length or 32768) if kind == "LongTextArea" else None


def _digits(kind: str, field: Field) -> tuple[int | None, int | None]:
    if kind not in _NUMBERS:
        return None, None
    return field.precision or 18, field.scale or 0


def _united(host: str, old: SchemaField, new: SchemaField) -> SchemaField:
    """One definition of a field that two marts fill. Values unite; the rest must agree."""
    for what in ("type", "length", "precision", "scale", "label", "reference_to", "external_id"):
        mine, theirs = getattr(old, what), getattr(new, what)
        if mine != theirs:
            raise UserError(
                f"{host}.{old.api_name}: {old.step} says {what} {mine}, {new.step} says {theirs}.",
                "Give the field the same type, length and label in both marts' YAML.",
            )
    return replace(
        old,
        values=tuple(dict.fromkeys((*old.values, *new.values))),
        restricted=old.restricted and new.restricted,
        required=old.required and new.required,
    )


def _check_relationships(objects: tuple[SchemaObject, ...]) -> None:
    taken: dict[tuple[str, str], str] = {}
    for obj in objects:
        for field in obj.fields:
            if field.reference_to and field.relationship_name:
                here = f"{obj.api_name}.{field.api_name}"
                other = taken.setdefault((field.reference_to, field.relationship_name), here)
                if other != here:
                    raise UserError(
                        f"{here} and {other} would be the same list on {field.reference_to}.",
                        "Rename one of the fields.",
                    )


def _grants(objects: tuple[SchemaObject, ...], used: set[str]) -> tuple[Grant, ...]:
    """The loader's permission set first, then one for each kind of access an object names."""
    writable = used - set(_PLATFORM["without_object_permissions"])
    writable |= {n for o, n in _PLATFORM["needs"].items() if o in writable}
    kinds = sorted({o.custom.access for o in objects if o.custom and o.custom.access})
    found = [_grant("loader", objects, tuple(sorted(writable)))]
    for kind in kinds:
        if kind not in _PLATFORM["permission_sets"]:
            raise UserError(f"There is no access called {kind}.", "Write clinical or billing.")
        readable = tuple(o for o in objects if o.custom and o.custom.access == kind)
        found.append(_grant(kind, readable, tuple(o.api_name for o in readable)))
    return tuple(found)


def _grant(kind: str, objects: tuple[SchemaObject, ...], names: tuple[str, ...]) -> Grant:
    said = _PLATFORM["permission_sets"][kind]
    # Salesforce refuses a permission on a required field: everyone has it.
    fields = sorted(
        f"{shown}.{field.api_name}"
        for o in objects
        for shown in described_as(o.api_name)
        for field in o.fields
        if not field.required
    )
    return Grant(
        name=said["name"],
        label=said["label"],
        description=said["description"],
        writes=kind == "loader",
        objects=names,
        fields=tuple(fields),
    )
