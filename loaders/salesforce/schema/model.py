"""What the org must have for the marts to land: one definition a field, however many use it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from loaders.errors import UserError
from loaders.salesforce.ledger.steps import CustomObject, Field, Step
from loaders.salesforce.schema import checks, pages
from loaders.salesforce.schema.by_hand import ByHand, left_by_hand
from loaders.salesforce.schema.platform import PLATFORM, described_as, host_of

__all__ = [
    "Additions",
    "Grant",
    "Schema",
    "SchemaField",
    "SchemaObject",
    "ValueSet",
    "build_schema",
    "described_as",
]
_MAX_DESCRIPTION = 1000
CONFIRMED = "custom_fields.yml"
_AGREE = (
    *("type", "length", "precision", "scale", "label", "reference_to", "external_id"),
    *("unique", "value_set", "from_data", "on_delete", "relationship_name", "relationship_label"),
    "access",
)


@dataclass(frozen=True)
class SchemaField:
    """One custom field."""

    api_name: str
    type: str
    label: str
    description: str
    help: str
    length: int | None
    precision: int | None
    scale: int | None
    values: tuple[str, ...]
    value_set: str | None
    from_data: bool
    restricted: bool
    external_id: bool
    unique: bool
    required: bool
    reference_to: str | None
    on_delete: str | None
    relationship_name: str | None
    relationship_label: str | None
    access: tuple[str, ...]
    step: str


@dataclass(frozen=True)
class SchemaObject:
    """One object with the custom fields it needs, by name; `custom` says how to make it, if we
    do, and `order` gives the names of its fields as the marts list them."""

    api_name: str
    custom: CustomObject | None
    name_length: int | None
    fields: tuple[SchemaField, ...]
    order: tuple[str, ...]

    @property
    def in_order(self) -> tuple[SchemaField, ...]:
        """The fields as the marts list them."""
        by_name = {f.api_name: f for f in self.fields}
        return tuple(by_name[name] for name in self.order)


@dataclass(frozen=True)
class ValueSet:
    """Values that the picklists of several objects share."""

    name: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Grant:
    """One permission set: what it lets its users do. It shows every record of its `objects`, and
    of those it `reads` the ones that are shared with its user anyway."""

    name: str
    label: str
    description: str
    writes: bool
    objects: tuple[str, ...]
    reads: tuple[str, ...]
    fields: tuple[str, ...]
    tabs: tuple[str, ...]
    app: str


@dataclass(frozen=True)
class Additions:
    """What only this migration has: confirmed custom fields, by object, and the values found in
    its data or its org, by object and field."""

    fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    values: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Schema:
    """Everything that is deployed."""

    objects: tuple[SchemaObject, ...]
    grants: tuple[Grant, ...]
    value_sets: tuple[ValueSet, ...]
    pages: pages.Pages
    by_hand: tuple[ByHand, ...]

    @property
    def loader(self) -> Grant:
        """The permission set of the user who loads."""
        return self.grants[0]


def build_schema(steps: tuple[Step, ...], additions: Additions | None = None) -> Schema:
    """The schema of all steps.

    Raises UserError where two marts define a field differently, or one cannot be made.
    """
    more = additions or Additions()
    for step in steps:
        checks.check_step(step)
    objects = {s.name: s.object for s in steps}
    for name in more.fields:
        if name not in objects.values():
            checks.refuse(name, "a confirmed field is on it, but no mart loads it.", "Remove it.")
    hosts: dict[str, list[Step]] = {}
    for step in steps:
        hosts.setdefault(host_of(step.object), []).append(step)
    built = tuple(_object(host, hosts[host], objects, more) for host in sorted(hosts))
    checks.check_relationships(built)
    sets = _value_sets(built)
    built = tuple(_with_sets(obj, sets) for obj in built)
    made = pages.derive(built, steps)
    return Schema(
        objects=built,
        grants=_grants(built, steps, made),
        value_sets=sets,
        pages=made,
        by_hand=left_by_hand(steps, made),
    )


def _object(host: str, steps: list[Step], objects: dict[str, str], more: Additions) -> SchemaObject:
    custom = next((s.custom for s in steps if s.custom), None)
    said = [(s, s.name, f) for s in steps for f in s.fields if f.is_custom]
    for name in dict.fromkeys(s.object for s in steps):
        said += [(steps[0], CONFIRMED, f) for f in more.fields.get(name, ())]
    merged: dict[str, SchemaField] = {}
    for step, source, each in said:
        new = _schema_field(host, step, source, each, objects, custom)
        old = merged.get(new.api_name)
        merged[new.api_name] = _united(host, old, new) if old else new
    makers = [s for s in steps if not s.is_update]
    for name, made in merged.items():
        everywhere = all(_requires(s, name) for s in makers)
        merged[name] = _finished(made, everywhere, more.values.get((host, name), ()))
    name_field = next((f for s in steps for f in s.fields if f.column == "Name"), None)
    obj = SchemaObject(
        api_name=host,
        custom=custom,
        name_length=(name_field.length or 80) if custom and name_field else None,
        fields=_labelled(custom, tuple(merged[name] for name in sorted(merged))),
        order=tuple(merged),
    )
    checks.check_object(obj)
    for made in obj.fields:
        checks.check_made(f"{made.step}: {host}.{made.api_name}", made)
    return obj


def _finished(made: SchemaField, everywhere: bool, found: tuple[str, ...]) -> SchemaField:
    """A field once all marts have spoken: help from its description where nobody wrote one."""
    return replace(
        made,
        required=made.required and everywhere,
        values=_joined(made.values, found) if made.type in checks.PICKLISTS else (),
        help=made.help or made.description.replace("`", ""),
    )


def _requires(step: Step, api_name: str) -> bool:
    return any(f.api_name == api_name and f.required for f in step.fields)


def _joined(values: tuple[str, ...], found: tuple[str, ...]) -> tuple[str, ...]:
    """Values and those found besides; the platform tells none apart by case alone."""
    known = {v.lower() for v in values}
    return (*values, *(v for v in found if v.lower() not in known))


def _schema_field(
    host: str,
    step: Step,
    source: str,
    each: Field,
    objects: dict[str, str],
    custom: CustomObject | None,
) -> SchemaField:
    where = f"{source}: {host}.{each.api_name}"
    checks.check_field(where, host, each)
    kind = each.type or "Lookup"
    target = each.to or (objects[each.lookup] if each.lookup else None)
    if target:
        checks.check_target(where, target, (o for o in objects.values() if o.endswith("__c")))
    bare = each.api_name.removesuffix("__c")
    said = " ".join(each.description.split())
    access = each.access or (custom.access if custom else step.access)
    everyone = checks.accesses() if custom is None else ()
    rules = PLATFORM["types"][kind]
    digits = "digits" in rules
    return SchemaField(
        api_name=each.api_name,
        type=kind,
        label=each.label or bare.replace("_", " "),
        description=said[:_MAX_DESCRIPTION],
        help=" ".join((each.help or "").split()),
        length=(each.length or rules["holds"]) if "states" in rules else None,
        precision=(each.precision or PLATFORM["max_digits"]) if digits else None,
        scale=(each.scale or 0) if digits else None,
        values=each.values,
        value_set=each.value_set,
        from_data=each.from_data,
        restricted=each.restricted,
        external_id=each.external_id,
        unique=each.external_id or each.unique,
        required=_can_require(host, kind, each),
        reference_to=target,
        on_delete=(each.on_delete or "SetNull") if target else None,
        relationship_name=(each.relationship_name or f"{host.removesuffix('__c')}_{bare}")
        if target
        else None,
        relationship_label=(each.relationship_label or "") if target else None,
        access=(access,) if access else everyone,
        step=source,
    )


def _can_require(host: str, kind: str, each: Field) -> bool:
    """Only our own objects may demand a field; a key must not stop people who add records by
    hand, and a lookup that empties itself cannot be required."""
    able = kind not in ("Checkbox", "LongTextArea", "MultiselectPicklist")
    kept = kind != "Lookup" or each.on_delete == "Restrict"
    return each.required and able and kept and host.endswith("__c") and not each.external_id


def _labelled(
    custom: CustomObject | None, fields: tuple[SchemaField, ...]
) -> tuple[SchemaField, ...]:
    """The fields with the titles their lists of children bear: the object's plural, with the
    field's label where one parent would show two lists of that title."""
    targets = [f.reference_to for f in fields if f.reference_to]
    return tuple(
        replace(f, relationship_label=_list_title(custom, f, targets.count(f.reference_to)))
        if f.reference_to and not f.relationship_label
        else f
        for f in fields
    )


def _list_title(custom: CustomObject | None, each: SchemaField, lists: int) -> str:
    if custom is None:
        return each.label
    return custom.plural if lists == 1 else f"{custom.plural} ({each.label})"


def _united(host: str, old: SchemaField, new: SchemaField) -> SchemaField:
    """One definition of a field that two marts fill. Values unite; the rest must agree."""
    for what in _AGREE:
        mine, theirs = getattr(old, what), getattr(new, what)
        if mine != theirs:
            raise UserError(
                f"{host}.{old.api_name}: {old.step} says {what} {mine}, {new.step} says {theirs}.",
                "Give the field the same type, length and label in both marts' YAML.",
            )
    if old.help and new.help and old.help != new.help:
        checks.refuse(
            f"{host}.{old.api_name}", f"{old.step} and {new.step} explain it.", "Leave one `help:`."
        )
    return replace(
        old,
        help=old.help or new.help,
        values=_joined(old.values, new.values),
        restricted=old.restricted and new.restricted,
        required=old.required and new.required,
    )


def _value_sets(objects: tuple[SchemaObject, ...]) -> tuple[ValueSet, ...]:
    found: dict[str, tuple[str, ...]] = {}
    for obj in objects:
        for each in obj.fields:
            if each.value_set:
                found[each.value_set] = _joined(found.get(each.value_set, ()), each.values)
    for name, values in found.items():
        checks.check_values(name, "Picklist", values)
    return tuple(ValueSet(n, n.replace("_", " "), found[n]) for n in sorted(found))


def _with_sets(obj: SchemaObject, sets: tuple[ValueSet, ...]) -> SchemaObject:
    """The object, each field that shares a value set with all of its values."""
    values = {s.name: s.values for s in sets}
    fields = (replace(f, values=values[f.value_set]) if f.value_set else f for f in obj.fields)
    return replace(obj, fields=tuple(fields))


def _grants(
    objects: tuple[SchemaObject, ...], steps: tuple[Step, ...], made: pages.Pages
) -> tuple[Grant, ...]:
    """The loader's permission set first, then one for each kind of access there is anything of."""
    writable = {s.object for s in steps} - set(PLATFORM["without_object_permissions"])
    loader = _grant("loader", objects, _with_needs(writable), set(), made)
    found = [loader]
    for kind in checks.accesses():
        readable = tuple(
            replace(o, fields=tuple(f for f in o.fields if kind in f.access)) for o in objects
        )
        own = {o.api_name for o in readable if o.custom and o.custom.access == kind}
        around = {o.api_name for o in readable if o.fields and not o.custom} | {
            f.reference_to
            for o in readable
            if o.api_name in own
            for f in o.fields
            if f.reference_to
        }
        around -= {*PLATFORM["without_object_permissions"], *PLATFORM["hosts"].values()}
        around = {name for name in around if not name.endswith("__c")}
        if own or any(o.fields for o in readable):
            found.append(_grant(kind, readable, own, _with_needs(around) - own, made))
    return tuple(found)


def _with_needs(names: set[str]) -> set[str]:
    return names | {n for o, n in PLATFORM["needs"].items() if o in names}


def _grant(
    kind: str,
    objects: tuple[SchemaObject, ...],
    all_of: set[str],
    some_of: set[str],
    made: pages.Pages,
) -> Grant:
    said = PLATFORM["permission_sets"][kind]
    # Salesforce refuses a permission on a required field: everyone has it.
    fields = sorted(
        f"{shown}.{each.api_name}"
        for o in objects
        for shown in described_as(o.api_name)
        for each in o.fields
        if not each.required
    )
    return Grant(
        name=said["name"],
        label=said["label"],
        description=said["description"],
        writes=kind == "loader",
        objects=tuple(sorted(all_of)),
        reads=tuple(sorted(some_of)),
        fields=tuple(fields),
        tabs=tuple(t.object for t in made.tabs if t.object in all_of),
        app=made.app.name,
    )
