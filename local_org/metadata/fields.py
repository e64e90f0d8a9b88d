"""Turns a CustomField element into a field, and refuses what Salesforce refuses."""

from __future__ import annotations

import re

from local_org.metadata import field_types as facts
from local_org.metadata.draft import ACTIVITY, Draft
from local_org.metadata.elements import check
from local_org.metadata.problems import ComponentError, unsupported
from local_org.metadata.values import value_set
from local_org.metadata.xml import Node
from local_org.schema.model import Field

NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
FORMAT = re.compile(r"[^{}]*\{0{1,10}\}[^{}]*")
DATED = re.compile(r"(?:[^{}]|\{(?:YYYY|YY|MM|DD|0{1,10})\})*")
MAX_FORMAT = 30
INTEGRITY = "field integrity exception: unknown"


def read_field(draft: Draft, owner: str, node: Node) -> Field:
    """Give the field as it would be made anew; raises ComponentError."""
    check(node, "CustomField")
    name, kind = _names(node)
    _check_elements(node, kind)
    _check_flags(node, kind, owner)
    _check_tracking(draft, owner, node)
    values = value_set(draft, node, kind)
    refers, relationship, on_delete = _relation(draft, owner, node, kind)
    precision, scale = _numbers(node, kind)
    required = node.flag("required") or kind == "MasterDetail"
    auto = kind == "AutoNumber"
    default = node.text("defaultValue") if kind == "Checkbox" else values.default
    return Field(
        name=name,
        label=node.text("label") or "",
        type=facts.DESCRIBED[kind],
        length=facts.LENGTHS.get(kind, 0) or _length(node, kind),
        precision=precision,
        scale=scale,
        nillable=not required and kind != "Checkbox",
        createable=not auto,
        updateable=not auto and (kind != "MasterDetail" or node.flag("reparentableMasterDetail")),
        defaulted=auto or default is not None,
        restricted=values.restricted,
        reference_to=refers,
        relationship=f"{name[:-1]}r" if refers else None,
        child_relationship=f"{relationship}__r" if relationship else None,
        values=values.values,
        value_set=values.name,
        default=default,
        external_id=node.flag("externalId"),
        unique=node.flag("unique"),
        case_sensitive=node.flag("caseSensitive"),
        custom=True,
        auto_number=node.text("displayFormat") if auto else None,
        on_delete=on_delete,
        html=kind == "Html",
        metadata_type=kind,
    )


def check_name(name: str, at: Node | None = None) -> None:
    """Refuse what is no API name."""
    if not NAME.fullmatch(name) or len(name) > facts.MAX_NAME:
        raise ComponentError(
            "The DeveloperName API Name can only contain underscores and alphanumeric "
            "characters. It must be unique, begin with a letter, not include spaces, not end "
            "with an underscore, and not contain two consecutive underscores.",
            at,
        )


def check_text(node: Node, element: str, label: str, limit: int) -> None:
    """Refuse a text that is too long."""
    text = node.text(element) or ""
    if len(text) > limit:
        raise ComponentError(
            f"{label}: data value too large: {text[:limit]} (max length={limit})",
            node.child(element),
        )


def _names(node: Node) -> tuple[str, str]:
    name = node.text("fullName") or ""
    check_name(name.removesuffix("__c"), node)
    kind = node.text("type")
    if kind is None:
        raise ComponentError("Required field is missing: type", node)
    if kind not in facts.DESCRIBED:
        raise unsupported(f"fields of type {kind}", node)
    if not node.text("label"):
        raise ComponentError("Must specify a non-empty label for the CustomField", node)
    for element, (label, limit) in facts.TEXT_LIMITS.items():
        check_text(node, element, label, limit)
    return name, kind


def _check_elements(node: Node, kind: str) -> None:
    for element, kinds in facts.TAKEN_BY.items():
        if node.has(element) and kind not in kinds:
            raise ComponentError(
                f"Can not specify '{element}' for a CustomField of type {kind}", node
            )
    for element in facts.NEEDS.get(kind, ()):
        if not (node.text(element) or (node.has(element) and element == "valueSet")):
            raise ComponentError(f"Must specify '{element}' for a CustomField of type {kind}", node)
    default = node.text("defaultValue")
    if default is not None and kind != "Checkbox":
        raise unsupported("'defaultValue', a formula, of any field but a Checkbox", node)
    if kind == "Checkbox" and default not in ("true", "false"):
        raise ComponentError("The default value of a Checkbox must be true or false", node)
    if kind in facts.LINE_BOUNDS:
        low, high = facts.LINE_BOUNDS[kind]
        lines = int(node.text("visibleLines") or 0)
        if lines < low:
            raise ComponentError(f"Visible lines must be greater than {low - 1}", node)
        if lines > high:
            raise ComponentError(f"Visible lines must not be greater than {high}", node)
    text = node.text("displayFormat") if kind == "AutoNumber" else None
    if text is not None:
        check_format(text, node)


def check_format(text: str, at: Node) -> None:
    """Refuse a display format of an AutoNumber that is none."""
    if not FORMAT.fullmatch(text) and DATED.fullmatch(text) and "{0" in text:
        raise unsupported(f"display formats with a date: {text}", at)
    if not FORMAT.fullmatch(text) or len(text) > MAX_FORMAT:
        raise ComponentError(f"The display format '{text}' is not valid", at)


def _check_flags(node: Node, kind: str, owner: str) -> None:
    if kind == "MasterDetail" and node.has("required"):
        raise ComponentError(
            "Master-Detail Relationship Fields Cannot be Optional or Required", node
        )
    for element, kinds in facts.SET_BY.items():
        if node.flag(element) and kind not in kinds:
            if kind in facts.PICKLISTS and element in ("externalId", "trackTrending"):
                raise ComponentError("Invalid data type.", node)
            raise ComponentError(
                f"Can not specify '{element}' for a CustomField of type {kind}", node
            )
    if node.flag("caseSensitive") and not node.flag("unique"):
        raise ComponentError(
            "Can not specify 'caseSensitive' for a CustomField that is not unique", node
        )
    if owner != ACTIVITY:
        return
    if kind in facts.NOT_ON_ACTIVITY:
        raise ComponentError(f"Custom field type {kind} is not supported on Activity", node)
    if node.flag("required"):
        raise ComponentError("A required field of Activity must have a default value", node)


def _check_tracking(draft: Draft, owner: str, node: Node) -> None:
    """History and feeds are per object; no standard object of this org has them on."""
    definition = draft.components.get(("CustomObject", owner)) or {}
    for element, switch in (("trackHistory", "enableHistory"), ("trackFeedHistory", "enableFeeds")):
        on = isinstance(definition, dict) and definition.get(switch, ["false"])[0] == "true"
        if node.flag(element) and not on:
            raise ComponentError(
                f"Can not set '{element}' on a field of {owner}: {switch} is not set on the object",
                node,
            )


def _length(node: Node, kind: str) -> int:
    if kind not in facts.LENGTH_BOUNDS:
        return 0
    low, high = facts.LENGTH_BOUNDS[kind]
    length = int(node.text("length") or 0)
    if not low <= length <= high:
        raise ComponentError(
            f"Length of a CustomField of type {kind} must be between {low} and {high}", node
        )
    return length


def _numbers(node: Node, kind: str) -> tuple[int, int]:
    if kind not in facts.NUMBERS:
        return 0, 0
    precision, scale = int(node.text("precision") or 0), int(node.text("scale") or 0)
    if not 1 <= precision <= facts.MAX_PRECISION or not 0 <= scale <= precision:
        raise ComponentError(
            "Precision must be between 1 and 18, and scale no larger than precision", node
        )
    return precision, scale


def _relation(
    draft: Draft, owner: str, node: Node, kind: str
) -> tuple[tuple[str, ...], str | None, str]:
    """Give what a relationship refers to, the name of its list, and what deletes do."""
    if kind not in facts.RELATIONS:
        return (), None, "SetNull"
    target = node.text("referenceTo") or ""
    if target not in draft.objects and target not in facts.TARGETS:
        raise ComponentError(
            f"referenceTo value of '{target}' does not resolve to a valid sObject type", node
        )
    relationship = node.text("relationshipName")
    if relationship is not None:
        check_name(relationship, node)
    if kind == "MasterDetail":
        _check_master(draft, owner, node, target)
        return (target,), relationship, "Cascade"
    rule = node.text("deleteConstraint") or "SetNull"
    if target == "User" and rule != "SetNull":
        raise ComponentError(
            "Cannot add a lookup relationship child with cascade or restrict options to User", node
        )
    if rule == "Cascade":
        raise ComponentError("If you want to cascade delete, please contact salesforce.com", node)
    if node.flag("required") and rule == "SetNull":
        raise ComponentError(
            f"{INTEGRITY} (must specify either cascade delete or restrict delete for required "
            "lookup foreign key)",
            node,
        )
    return (target,), relationship, rule


def _check_master(draft: Draft, owner: str, node: Node, target: str) -> None:
    if owner not in draft.objects:
        raise ComponentError(
            f"Can not add a CustomField of type MasterDetail to the standard object {owner}", node
        )
    if target in ("User", "Lead"):
        raise ComponentError(f"{target} can not be the master of a MasterDetail field", node)
    order = node.text("relationshipOrder")
    if order not in (None, "0", "1"):
        raise ComponentError("relationshipOrder must be 0 or 1", node)
    others = [m for m in draft.masters(owner) if m.name != node.text("fullName")]
    if len(others) >= facts.MAX_MASTERS:
        raise ComponentError(
            f"{owner} can have no more than {facts.MAX_MASTERS} MasterDetail fields", node
        )
