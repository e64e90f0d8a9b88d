"""Turns a CustomField element into a field, and refuses what Salesforce refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from local_org.metadata.package import Node
from local_org.schema.model import Field

NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
DESCRIBED = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Currency": "currency",
    "Number": "double",
    "Percent": "percent",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "AutoNumber": "string",
}
LENGTHS = {
    "TextArea": 255,
    "Picklist": 255,
    "MultiselectPicklist": 4099,
    "Email": 80,
    "Phone": 40,
    "Url": 255,
    "Lookup": 18,
    "MasterDetail": 18,
    "AutoNumber": 30,
}
NEEDS = {
    "Text": ("length",),
    "LongTextArea": ("length", "visibleLines"),
    "Html": ("length", "visibleLines"),
    "MultiselectPicklist": ("visibleLines",),
    "Currency": ("precision", "scale"),
    "Number": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "Lookup": ("referenceTo",),
    "MasterDetail": ("referenceTo",),
    "Picklist": (),
}
UNIQUE = {"Text", "Number", "Email"}
EXTERNAL = {"Text", "Number", "Email", "AutoNumber"}
NEVER_REQUIRED = {"Checkbox", "LongTextArea", "Html", "MasterDetail", "AutoNumber"}
NOT_ON_ACTIVITY = {"LongTextArea", "Html", "MasterDetail"}
MAX_PRECISION = 18
MAX_RESTRICTED = 1_000
MAX_PICKLIST_VALUE = 255
MAX_NAME = 40


class ComponentError(Exception):
    """One component that does not deploy; the text is its problem."""


def read_field(
    owner: str, node: Node, value_sets: Mapping[str, tuple[str, ...]], known: set[str]
) -> Field:
    """Give the field; raises ComponentError. `known` are the objects a lookup may refer to."""
    name, label, kind = _names(node)
    _check_elements(node, kind, owner)
    length = LENGTHS.get(kind, 0) or _length(node, kind)
    precision, scale = _numbers(node, kind)
    values, value_set = _picklist(node, kind, value_sets)
    refers, relationship, on_delete = _lookup(node, kind, known, name)
    required = node.flag("required") or kind == "MasterDetail"
    auto = kind == "AutoNumber"
    return Field(
        name=name,
        label=label,
        type=DESCRIBED[kind],
        length=length,
        precision=precision,
        scale=scale,
        nillable=not required and kind != "Checkbox",
        createable=not auto,
        updateable=not auto and (kind != "MasterDetail" or node.flag("reparentableMasterDetail")),
        defaulted=auto or kind == "Checkbox",
        restricted=_restricted(node),
        reference_to=refers,
        relationship=f"{name[:-1]}r" if refers else None,
        child_relationship=f"{relationship}__r" if relationship else None,
        values=() if value_set else values,
        value_set=value_set,
        default=node.text("defaultValue") if kind == "Checkbox" else None,
        external_id=node.flag("externalId"),
        unique=node.flag("unique"),
        case_sensitive=node.flag("caseSensitive"),
        custom=True,
        auto_number=node.text("displayFormat", "{0}") if auto else None,
        on_delete=on_delete,
        html=kind == "Html",
        metadata_type=kind,
    )


def _names(node: Node) -> tuple[str, str, str]:
    name = node.text("fullName") or ""
    if not NAME.fullmatch(name) or len(name) - 3 > MAX_NAME:
        raise ComponentError(
            "The DeveloperName API Name can only contain underscores and alphanumeric "
            "characters. It must be unique, begin with a letter, not include spaces, not end "
            "with an underscore, and not contain two consecutive underscores."
        )
    kind = node.text("type") or ""
    if kind not in DESCRIBED:
        raise ComponentError(f"'{kind}' is not a valid value for the enum 'FieldType'")
    label = node.text("label")
    if not label:
        raise ComponentError("Must specify a non-empty label for the CustomField")
    if len(label) > MAX_NAME:
        raise ComponentError(f"Label: data value too large: {label} (max length=40)")
    return name, label, kind


def _check_elements(node: Node, kind: str, owner: str) -> None:
    for element in NEEDS.get(kind, ()):
        if not node.text(element):
            raise ComponentError(f"Must specify '{element}' for a CustomField of type {kind}")
    if kind in NEVER_REQUIRED and node.has("required") and node.flag("required"):
        raise ComponentError(f"Can not specify 'required' for a CustomField of type {kind}")
    if node.flag("unique") and kind not in UNIQUE:
        raise ComponentError(f"Can not specify 'unique' for a CustomField of type {kind}")
    if node.flag("externalId") and kind not in EXTERNAL:
        raise ComponentError(f"Can not specify 'externalId' for a CustomField of type {kind}")
    if owner == "Activity" and kind in NOT_ON_ACTIVITY:
        raise ComponentError(f"Custom field type {kind} is not supported on Activity")


def _whole(node: Node, element: str) -> int:
    text = node.text(element) or ""
    if not text.isdigit():
        raise ComponentError(f"'{text}' is not a valid value for {element}")
    return int(text)


def _length(node: Node, kind: str) -> int:
    bounds = {"Text": (1, 255), "LongTextArea": (256, 131_072), "Html": (256, 131_072)}
    if kind not in bounds:
        return 0
    low, high = bounds[kind]
    length = _whole(node, "length")
    if not low <= length <= high:
        raise ComponentError(
            f"Length of a CustomField of type {kind} must be between {low} and {high}"
        )
    return length


def _numbers(node: Node, kind: str) -> tuple[int, int]:
    if kind not in ("Currency", "Number", "Percent"):
        return 0, 0
    precision, scale = _whole(node, "precision"), _whole(node, "scale")
    if not 1 <= precision <= MAX_PRECISION or scale > precision:
        raise ComponentError(
            "Precision must be between 1 and 18, and scale no larger than precision"
        )
    return precision, scale


def _restricted(node: Node) -> bool:
    chosen = node.child("valueSet")
    return chosen is not None and (chosen.flag("restricted") or chosen.has("valueSetName"))


def _picklist(
    node: Node, kind: str, value_sets: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], str | None]:
    if kind not in ("Picklist", "MultiselectPicklist"):
        return (), None
    chosen = node.child("valueSet")
    if chosen is None:
        raise ComponentError(f"Must specify 'valueSet' for a CustomField of type {kind}")
    name = chosen.text("valueSetName")
    if name:
        if name not in value_sets:
            raise ComponentError(f"In field: valueSet - no GlobalValueSet named {name} found")
        return (), name
    inline = chosen.child("valueSetDefinition")
    values = picklist_values(inline, "value") if inline is not None else ()
    if not values:
        raise ComponentError(f"Must specify at least one value for a CustomField of type {kind}")
    if chosen.flag("restricted") and len(values) > MAX_RESTRICTED:
        raise ComponentError("Restricted picklists can have at most 1000 values")
    return values, None


def picklist_values(node: Node, element: str) -> tuple[str, ...]:
    """Give the names of a value set; raises where one is too long or comes twice."""
    values = tuple(each.text("fullName") or "" for each in node.children(element))
    if any(not value or len(value) > MAX_PICKLIST_VALUE for value in values):
        raise ComponentError("Picklist value: data value too large (max length=255)")
    lowered = [value.lower() for value in values]
    twice = next((value for value in values if lowered.count(value.lower()) > 1), None)
    if twice is not None:
        raise ComponentError(f"Duplicate value: {twice} found in picklist")
    return values


def _lookup(
    node: Node, kind: str, known: set[str], name: str
) -> tuple[tuple[str, ...], str | None, str]:
    if kind not in ("Lookup", "MasterDetail"):
        return (), None, "SetNull"
    target = node.text("referenceTo") or ""
    if target not in known:
        raise ComponentError(
            f"referenceTo value of '{target}' does not resolve to a valid sObject type"
        )
    rule = node.text("deleteConstraint") or "SetNull"
    if kind == "MasterDetail":
        rule = "Cascade"
    elif node.flag("required") and rule == "SetNull":
        raise ComponentError(
            "field integrity exception: unknown (must specify either cascade delete or restrict "
            "delete for required lookup foreign key)"
        )
    relationship = node.text("relationshipName")
    if kind == "MasterDetail" and not relationship:
        raise ComponentError(
            "Must specify 'relationshipName' for a CustomField of type MasterDetail"
        )
    return (target,), relationship, rule
