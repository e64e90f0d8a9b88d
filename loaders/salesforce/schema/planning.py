"""The schema plan as data: what an admin is asked to sign, and what it costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from loaders.salesforce.ledger.steps import Field, Step
from loaders.salesforce.schema.contents import Contents, PermissionSet
from loaders.salesforce.schema.model import Schema, SchemaField, SchemaObject, described_as

_SAID: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parent / "plan.yml").read_text(encoding="utf-8")
)

BYTES_A_RECORD = int(_SAID["bytes_per_record"])


@dataclass(frozen=True)
class Use:
    """One step that fills a field: by which of its columns, from which source columns, and why."""

    step: str
    column: str
    why: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class PlannedField:
    """One field, made by the package or there already, and who fills it."""

    api_name: str
    label: str
    type: str
    made: bool
    rules: tuple[str, ...]
    values: tuple[str, ...]
    restricted: bool
    target: str | None
    description: str
    uses: tuple[Use, ...]

    @property
    def filled_from(self) -> dict[tuple[str, ...], list[str]]:
        """Source columns, and the steps that fill the field from just these."""
        found: dict[tuple[str, ...], list[str]] = {}
        for use in self.uses:
            found.setdefault(use.sources, []).append(use.step)
        return found


@dataclass(frozen=True)
class Cost:
    """What an object takes of what the edition allows."""

    fields: int
    field_limits: Mapping[str, int]
    external_ids: int
    lookups: int
    records: int | None

    @property
    def megabytes(self) -> float | None:
        """The data storage of its records."""
        if self.records is None:
            return None
        return self.records * BYTES_A_RECORD / 1_048_576


@dataclass(frozen=True)
class PlannedObject:
    """One object: what it is, its fields, its cost."""

    api_name: str
    label: str
    custom: bool
    shown_as: tuple[str, ...]
    sharing: str | None
    description: str
    steps: tuple[str, ...]
    fields: tuple[PlannedField, ...]
    cost: Cost

    @property
    def made(self) -> tuple[PlannedField, ...]:
        """The fields the package makes."""
        return tuple(f for f in self.fields if f.made)

    @property
    def filled(self) -> tuple[PlannedField, ...]:
        """The fields Salesforce has already."""
        return tuple(f for f in self.fields if not f.made)


@dataclass(frozen=True)
class Access:
    """What one permission set opens of one object; `held_back` are fields of ours it does not."""

    object: str
    rights: tuple[str, ...]
    readable: int
    editable: int
    held_back: tuple[str, ...]


@dataclass(frozen=True)
class Granted:
    """One permission set over all objects of the plan."""

    name: str
    label: str
    description: str
    access: tuple[Access, ...]


@dataclass(frozen=True)
class Components:
    """All components of one kind: the Metadata API's word, ours, and their names."""

    kind: str
    words: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class StepRows:
    """A step and the records it makes; None where no warehouse tells."""

    step: str
    object: str
    rows: int | None
    makes: bool


@dataclass(frozen=True)
class Plan:
    """All of it."""

    hash: str
    version: str
    made_at: str
    practices: tuple[str, ...]
    components: tuple[Components, ...]
    objects: tuple[PlannedObject, ...]
    granted: tuple[Granted, ...]
    steps: tuple[StepRows, ...]
    limits: Mapping[str, Any]
    untouched: tuple[str, ...]
    by_hand: tuple[Mapping[str, str], ...]

    @property
    def records(self) -> int | None:
        """The new records of all objects, at most."""
        counted = [o.cost.records for o in self.objects if o.cost.records is not None]
        return sum(counted) if counted else None

    @property
    def megabytes(self) -> float | None:
        """Their data storage."""
        counted = [o.cost.megabytes for o in self.objects if o.cost.megabytes is not None]
        return sum(counted) if counted else None


@dataclass(frozen=True)
class Occasion:
    """When and for whom a plan is made, and the rows of each step as the warehouse has them."""

    made_at: str
    version: str
    practices: tuple[str, ...]
    rows: Mapping[str, int]


def make_plan(
    steps: tuple[Step, ...], schema: Schema, contents: Contents, occasion: Occasion
) -> Plan:
    """The plan of a schema whose package is `contents`."""
    by_name = {o.api_name: o for o in schema.objects}
    objects = tuple(_object(by_name[host], steps, occasion.rows) for host in _hosts(steps, schema))
    return Plan(
        hash=contents.hash,
        version=occasion.version,
        made_at=occasion.made_at,
        practices=occasion.practices,
        components=tuple(_components(contents)),
        objects=objects,
        granted=tuple(_granted(s, objects) for s in contents.permission_sets),
        steps=tuple(
            StepRows(s.name, s.object, occasion.rows.get(s.name), not s.is_update) for s in steps
        ),
        limits=_SAID["limits"],
        untouched=tuple(_SAID["untouched"]),
        by_hand=(
            *(t for t in _SAID["by_hand"] if _concerns(t, objects)),
            *({"title": b.what, "text": f"{b.why} {b.how}"} for b in schema.by_hand),
        ),
    )


def _hosts(steps: tuple[Step, ...], schema: Schema) -> list[str]:
    """The objects in the order their records load."""
    order = {step.object: n for n, step in reversed(list(enumerate(steps)))}
    return sorted(
        (o.api_name for o in schema.objects),
        key=lambda host: min(order[s] for s in described_as(host) if s in order),
    )


def _components(contents: Contents) -> Iterator[Components]:
    """Everything in the package by kind, the known kinds first."""
    known = [kind for kind in _SAID["kinds"] if kind in contents.members]
    for kind in known + sorted(set(contents.members) - set(known)):
        members = contents.members[kind]
        one, many = _SAID["kinds"].get(kind, (kind, kind))
        yield Components(kind, one if len(members) == 1 else many, members)


def _concerns(task: Mapping[str, Any], objects: tuple[PlannedObject, ...]) -> bool:
    names = {o.api_name for o in objects} | {s for o in objects for s in o.shown_as}
    fields = {f.api_name for o in objects for f in o.fields}
    wanted = (("object", names), ("field", fields))
    return all(key not in task or set(task[key]) & there for key, there in wanted)


def _object(made: SchemaObject, steps: tuple[Step, ...], rows: Mapping[str, int]) -> PlannedObject:
    shown = described_as(made.api_name)
    mine = [s for s in steps if s.object in shown]
    fields = tuple(_fields(made, mine))
    makers = [s for s in mine if not s.is_update]
    counted = [rows[s.name] for s in makers if s.name in rows]
    limits = _SAID["limits"]
    return PlannedObject(
        api_name=made.api_name,
        label=made.custom.label if made.custom else made.api_name,
        custom=made.custom is not None,
        shown_as=tuple(s for s in shown if s != made.api_name),
        sharing=made.custom.sharing if made.custom else None,
        description=" ".join(made.custom.description.split()) if made.custom else "",
        steps=tuple(s.name for s in mine),
        fields=fields,
        cost=Cost(
            fields=len(made.fields),
            field_limits=limits["fields_on"].get(made.api_name, limits["fields"]),
            external_ids=sum(f.external_id for f in made.fields),
            lookups=sum(f.reference_to is not None for f in made.fields),
            records=sum(counted) if makers and len(counted) == len(makers) else None,
        ),
    )


def _fields(made: SchemaObject, steps: list[Step]) -> Iterator[PlannedField]:
    """The fields made, the keys first, then those there already, in the marts' order."""
    uses: dict[str, list[tuple[Step, Field]]] = {}
    for step in steps:
        for field in step.fields:
            uses.setdefault(field.api_name, []).append((step, field))
    for new in sorted(made.fields, key=lambda f: (not f.external_id, f.api_name)):
        yield _made(new, _uses(uses.get(new.api_name, [])))
    ours = {f.api_name for f in made.fields}
    for api_name, used in uses.items():
        if api_name not in ours:
            yield _there(api_name, used)


def _uses(used: list[tuple[Step, Field]]) -> tuple[Use, ...]:
    return tuple(Use(s.name, f.column, " ".join(f.description.split()), f.sources) for s, f in used)


def _made(field: SchemaField, uses: tuple[Use, ...]) -> PlannedField:
    return PlannedField(
        api_name=field.api_name,
        label=field.label,
        type=type_in_words(field),
        made=True,
        rules=tuple(_rules(field)),
        values=field.values,
        restricted=field.restricted,
        target=field.reference_to,
        description=field.description,
        uses=uses,
    )


def _there(api_name: str, used: list[tuple[Step, Field]]) -> PlannedField:
    field = used[0][1]
    kind = field.type or ("Lookup" if field.lookup else field.data_type)
    return PlannedField(
        api_name=api_name,
        label=api_name,
        type=f"{kind} ({field.length:,})" if field.length else kind,
        made=False,
        rules=("required",) if all(f.required for _, f in used) else (),
        values=field.values,
        restricted=False,
        target=field.relationship,
        description="",
        uses=_uses(used),
    )


def type_in_words(field: SchemaField) -> str:
    """A field's type with its room: `Text (40)`, `Currency (16, 2)`."""
    if field.length:
        return f"{field.type} ({field.length:,})"
    if field.precision is not None:
        return f"{field.type} ({field.precision}, {field.scale})"
    return field.type


def _rules(field: SchemaField) -> Iterator[str]:
    if field.required:
        yield "required"
    if field.external_id:
        yield "external ID"
        yield "unique"
        yield "case-sensitive"


def _granted(permission_set: PermissionSet, objects: tuple[PlannedObject, ...]) -> Granted:
    return Granted(
        name=permission_set.name,
        label=permission_set.label,
        description=permission_set.description,
        access=tuple(_access(permission_set, o) for o in objects),
    )


def _access(permission_set: PermissionSet, obj: PlannedObject) -> Access:
    """What a set opens of an object; a required field comes with the object, unasked."""
    shown = obj.shown_as or (obj.api_name,)
    rights = next((permission_set.objects[s] for s in shown if s in permission_set.objects), ())
    always = {f.api_name for f in obj.made if "required" in f.rules}

    def among(granted: frozenset[str]) -> set[str]:
        named = {f.api_name for f in obj.made if any(f"{s}.{f.api_name}" in granted for s in shown)}
        return named | (always if rights else set())

    readable = among(permission_set.readable)
    return Access(
        object=obj.api_name,
        rights=rights,
        readable=len(readable),
        editable=len(among(permission_set.editable)) if "edit" in rights or not rights else 0,
        held_back=tuple(f.api_name for f in obj.made if f.api_name not in readable),
    )
