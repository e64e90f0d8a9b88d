"""What the platform would refuse, or read otherwise than meant, refused here: before anything is
sent, with the mart, the field and what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from loaders.errors import UserError
from loaders.salesforce.ledger.steps import Field, Step
from loaders.salesforce.schema.platform import PLATFORM

if TYPE_CHECKING:
    from loaders.salesforce.schema.model import SchemaField, SchemaObject

MAX_NAME = 40
MAX_LABEL = 40
MAX_HELP = 510
MAX_RELATED_LABEL = 80
PICKLISTS = ("Picklist", "MultiselectPicklist")
_WORD = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_NUMBERING = re.compile(r"[^{}]*\{0{1,10}\}[^{}]*")
_MAX_NUMBERING = 30


def refuse(where: str, wrong: str, todo: str) -> NoReturn:
    """Stops with one line that says where and what, and one that says what to do."""
    raise UserError(f"{where}: {wrong}", todo)


def check_name(where: str, name: str, what: str = "API name") -> None:
    """A developer name: letters, digits and single underscores, 40 at most before the `__c`."""
    bare = name.removesuffix("__c") if what == "API name" else name
    if not _WORD.fullmatch(bare):
        refuse(
            where,
            f"{name} is no {what}: letters, digits and single underscores only, a letter first.",
            "Rename it.",
        )
    if len(bare) > MAX_NAME:
        refuse(where, f"the {what} {name} is longer than {MAX_NAME} characters.", "Shorten it.")


def check_label(where: str, label: str, most: int = MAX_LABEL) -> None:
    """A label: there, and short enough."""
    if not label.strip() or len(label) > most:
        refuse(
            where,
            f"the label `{label}` has {len(label)} characters, 1 to {most} are possible.",
            "Give it a shorter `label:`.",
        )


def check_step(step: Step) -> None:
    """A step's own words: its object, sharing, access, numbering."""
    where = f"{step.name} ({step.object})"
    if step.access is not None and step.access not in accesses():
        refuse(where, f"there is no access {step.access}.", f"Write {_or(accesses())}.")
    custom = step.custom
    if step.object.endswith("__c"):
        check_name(where, step.object)
    if custom is None:
        return
    check_label(where, custom.label)
    check_label(where, custom.plural)
    if custom.sharing not in PLATFORM["sharing"]:
        known = _or(PLATFORM["sharing"])
        refuse(where, f"there is no sharing {custom.sharing}.", f"Write {known}.")
    if custom.access and custom.sharing != "Private":
        refuse(
            where,
            f"{custom.access} records cannot be shared {custom.sharing}.",
            "Take `sharing:` out: what the permission sets are for is private.",
        )
    numbering = custom.name_format
    if numbering and not (_NUMBERING.fullmatch(numbering) and len(numbering) <= _MAX_NUMBERING):
        refuse(
            where, f"`name_format: {numbering}` numbers nothing.", "Write one like 'P-{000000}'."
        )
    name = next((f for f in step.fields if f.column == "Name"), None)
    if name is not None and not 1 <= (name.length or 80) <= 80:
        refuse(f"{where}.Name", f"length {name.length} is not 1 to 80.", "Write 80.")


def accesses() -> tuple[str, ...]:
    """The kinds of reading access there are."""
    return tuple(k for k in PLATFORM["permission_sets"] if k != "loader")


def check_field(where: str, host: str, field: Field) -> None:
    """One custom field as a mart describes it."""
    check_name(where, field.api_name)
    kind = field.type or ("Lookup" if field.lookup or field.to else None)
    if kind is None:
        refuse(where, "it has no type.", "Give it one in the YAML.")
    if kind not in PLATFORM["types"]:
        refuse(where, f"there is no type {kind}.", f"Types: {', '.join(PLATFORM['types'])}.")
    if kind in PLATFORM["forbidden"].get(host, ()):
        refuse(where, f"{host} takes no field of type {kind}.", "Use Text, or Description.")
    if field.label is not None:
        check_label(where, field.label)
    if len(field.help or "") > MAX_HELP:
        refuse(where, f"its help has more than {MAX_HELP} characters.", "Shorten `help:`.")
    if field.access is not None and field.access not in accesses():
        refuse(where, f"there is no access {field.access}.", f"Write {_or(accesses())}.")
    rules = PLATFORM["types"][kind]
    _check_size(where, kind, field, rules)
    if (field.external_id or field.unique) and kind not in PLATFORM["key_types"]:
        word = "external_id" if field.external_id else "unique"
        refuse(where, f"`{word}` is not possible for {kind}.", "Only Text can be a key here.")
    _check_lookup(where, host, kind, field)
    _check_picklist(where, kind, field)


def _check_size(where: str, kind: str, field: Field, rules: Mapping[str, Any]) -> None:
    if field.length is not None:
        if "length" not in rules:
            refuse(where, f"a {kind} has no length.", "Take `length:` out.")
        low, high = rules["length"]
        if not low <= field.length <= high:
            refuse(
                where, f"length {field.length} of a {kind} is not {low} to {high}.", "Change it."
            )
    most = PLATFORM["max_digits"]
    if "digits" in rules:
        precision = most if field.precision is None else field.precision
        scale = field.scale or 0
        if not 1 <= precision <= most:
            refuse(where, f"precision {precision} is not 1 to {most}.", "Change it.")
        if not 0 <= scale <= precision:
            refuse(where, f"scale {scale} is not 0 to its precision, {precision}.", "Change it.")
    elif field.precision is not None or field.scale is not None:
        refuse(where, f"a {kind} has no precision.", "Take `precision:` and `scale:` out.")


def _check_lookup(where: str, host: str, kind: str, field: Field) -> None:
    if kind != "Lookup":
        for word in ("lookup", "to", "on_delete", "relationship_name", "relationship_label"):
            if getattr(field, word) is not None:
                refuse(where, f"`{word}` makes no sense for {kind}.", "Write `type: Lookup`.")
        return
    if not (field.lookup or field.to):
        refuse(
            where, "the lookup points at nothing.", "Name a mart (`lookup:`) or an object (`to:`)."
        )
    if field.relationship_name is not None:
        check_name(where, field.relationship_name, "relationship name")
    rule = field.on_delete
    if rule is None:
        return
    if rule not in PLATFORM["on_delete"]:
        known = _or(PLATFORM["on_delete"])
        refuse(where, f"there is no `on_delete: {rule}`.", f"Write {known}.")
    if rule == "SetNull" and field.required:
        refuse(
            where,
            "a required lookup cannot empty itself (`on_delete: SetNull`).",
            "Write `on_delete: Restrict`, or leave one of the two out.",
        )
    if rule == "Restrict" and not host.endswith("__c"):
        refuse(where, f"a lookup of {host} cannot keep others' records.", "Take `on_delete:` out.")


def _check_picklist(where: str, kind: str, field: Field) -> None:
    if kind not in PICKLISTS:
        for word in ("values", "value_set", "restricted", "from_data"):
            if getattr(field, word):
                refuse(where, f"`{word}` makes no sense for {kind}.", "Write `type: Picklist`.")
        return
    check_values(where, kind, field.values)
    if not field.values:
        refuse(
            where,
            "a picklist without values does not deploy.",
            "Name one at least; with `from_data: true` those of the data are added.",
        )
    if field.from_data and (field.restricted or field.value_set):
        refuse(
            where,
            "values of the data cannot join a restricted picklist.",
            "Take `from_data:` out, or `restricted:` and `value_set:`.",
        )
    if field.value_set is not None:
        check_name(where, field.value_set, "value set")
        if not field.restricted:
            refuse(
                where,
                "a global value set is always restricted.",
                "Add `restricted: true`, or take `value_set:` out.",
            )


def check_values(where: str, kind: str, values: Iterable[str]) -> None:
    """The values of a picklist."""
    values = tuple(values)
    longest, most = PLATFORM["picklist_value"], PLATFORM["picklist_values"]
    if len(values) > most:
        refuse(where, f"it has {len(values)} values, {most} are possible.", "Make it Text.")
    for number, value in enumerate(values, 1):
        if not value.strip() or len(value) > longest:
            refuse(where, f"value {number} has not 1 to {longest} characters.", "Change it.")
        if kind == "MultiselectPicklist" and ";" in value:
            refuse(where, f"value {number} has a `;`, which parts values.", "Write a comma.")
    same = next((v for v, n in Counter(v.lower() for v in values).items() if n > 1), None)
    if same is not None:
        refuse(where, f"`{same}` comes twice: case makes no difference.", "Leave one out.")


def check_target(where: str, target: str, made: Iterable[str]) -> None:
    """What a lookup points at: an object of ours, or a standard one that can be looked up."""
    if target not in {*made, *PLATFORM["lookup_targets"]}:
        refuse(
            where,
            f"nothing can look up {target}: no mart makes it, and it is no such standard object.",
            f"Standard ones: {', '.join(PLATFORM['lookup_targets'])}.",
        )


def check_object(obj: SchemaObject) -> None:
    """What an object's fields are together."""
    keys = [f for f in obj.fields if f.external_id or f.unique]
    most = PLATFORM["external_ids"]
    if len(keys) > most:
        refuse(obj.api_name, f"it has {len(keys)} external ids, {most} are possible.", "Make less.")


def check_relationships(objects: Iterable[SchemaObject]) -> None:
    """Each list of children of one parent has a name of its own."""
    taken: dict[tuple[str, str], str] = {}
    for obj in objects:
        for field in obj.fields:
            if field.reference_to and field.relationship_name:
                here = f"{obj.api_name}.{field.api_name}"
                key = (field.reference_to, field.relationship_name.lower())
                other = taken.setdefault(key, here)
                if other != here:
                    refuse(
                        here,
                        f"{other} has the same relationship name on {field.reference_to}.",
                        "Give one of them a `relationship_name:`.",
                    )


def check_made(where: str, field: SchemaField) -> None:
    """What was worked out for a field where its mart did not say."""
    check_label(where, field.label)
    if len(field.help) > MAX_HELP:
        refuse(
            where,
            f"its description has more than {MAX_HELP} characters.",
            "Give it a `help:` of its own: that is what people see.",
        )
    if field.relationship_name is not None:
        if len(field.relationship_name) > MAX_NAME:
            refuse(
                where,
                f"its relationship name {field.relationship_name} is longer than {MAX_NAME}.",
                "Give it a `relationship_name:`.",
            )
        check_label(where, field.relationship_label or "", MAX_RELATED_LABEL)


def _or(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
