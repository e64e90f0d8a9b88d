"""The values of picklists: a field's own, or a global value set's."""

from __future__ import annotations

from dataclasses import dataclass

from local_org.metadata import field_types as facts
from local_org.metadata.draft import Draft
from local_org.metadata.problems import ComponentError, not_found
from local_org.metadata.xml import Node


@dataclass(frozen=True)
class ValueSet:
    """The active values of a field, or the global value set that has them."""

    values: tuple[str, ...] = ()
    name: str | None = None
    restricted: bool = False
    default: str | None = None


def value_set(draft: Draft, node: Node, kind: str) -> ValueSet:
    """Read a field's value set; raises ComponentError."""
    chosen = node.child("valueSet")
    if kind not in facts.PICKLISTS or chosen is None:
        return ValueSet()
    name, inline = chosen.text("valueSetName"), chosen.child("valueSetDefinition")
    if name is not None and inline is not None:
        raise ComponentError("Can not specify both 'valueSetName' and 'valueSetDefinition'", chosen)
    if name is not None:
        if name not in draft.value_sets:
            raise not_found("valueSet", "GlobalValueSet", name, chosen)
        return ValueSet(name=name, restricted=True)
    values = picklist_values(inline, "value") if inline is not None else ()
    if not values:
        raise ComponentError(
            f"Must specify at least one value for a CustomField of type {kind}", chosen
        )
    restricted = chosen.flag("restricted")
    default = default_value(inline, "value") if inline is not None else None
    return ValueSet(values, None, restricted, default)


def picklist_values(node: Node, element: str) -> tuple[str, ...]:
    """Give the names of the active values; raises where one is too long or comes twice.

    A value left out is deactivated: records keep it, no new one takes it.
    """
    entries = list(node.children(element))
    if len(entries) > facts.MAX_VALUES:
        raise ComponentError(f"Picklists can have at most {facts.MAX_VALUES} values", node)
    names: set[str] = set()
    labels: set[str] = set()
    for each in entries:
        value = each.text("fullName") or ""
        label = each.text("label") or value
        if not value:
            raise ComponentError("Required field is missing: fullName", each)
        if len(value) > facts.MAX_VALUE or len(label) > facts.MAX_VALUE:
            raise ComponentError("Picklist value: data value too large (max length=255)", each)
        if value.lower() in names:
            raise ComponentError(f"Duplicate value: {value} found in picklist", each)
        if label.lower() in labels:
            raise ComponentError(f"Duplicate label: {label}", each)
        names.add(value.lower())
        labels.add(label.lower())
    return tuple(each.text("fullName") or "" for each in entries if not _inactive(each))


def _inactive(value: Node) -> bool:
    return value.has("isActive") and not value.flag("isActive")


def default_value(node: Node, element: str) -> str | None:
    """Give the one value that new records get."""
    chosen = [each for each in node.children(element) if each.flag("default")]
    if len(chosen) > 1:
        raise ComponentError("Only one picklist value can be the default", chosen[1])
    return chosen[0].text("fullName") if chosen else None
