"""Holds a file against what the Metadata API knows of its type: names, order, values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local_org.metadata.problems import ComponentError, unsupported
from local_org.metadata.xml import NAMESPACE, Node

FILE = Path(__file__).parent / "elements.yml"
UNSUPPORTED = "unsupported"
BOOLEANS = ("true", "false", "1", "0")
MAX_INT = 2**31


@dataclass(frozen=True)
class Element:
    """What one element may hold."""

    type: str
    needed: bool
    repeats: bool


@cache
def _facts() -> Mapping[str, Any]:
    facts: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return facts


@cache
def elements_of(kind: str) -> Mapping[str, Element]:
    """Give the elements of a type, by name."""
    return {
        name: Element(said.rstrip("!*"), "!" in said, "*" in said)
        for name, said in _facts()["types"][kind].items()
    }


@cache
def other_types() -> frozenset[str]:
    """Give the names of the types Salesforce has and this org does not take."""
    return frozenset(_facts()["others"])


def check(node: Node, kind: str) -> None:
    """Hold an element and all it holds against its type; raises ComponentError."""
    known = elements_of(kind)
    last = None
    seen: set[str] = set()
    for each in node.nodes:
        element = known.get(each.tag)
        if element is None:
            tag = each.tag if each.tag.startswith("{") else f"{{{NAMESPACE}}}{each.tag}"
            raise ComponentError(
                f"Error parsing file: Element {tag} invalid at this location in type {kind}", each
            )
        # One that repeats must do so in one run; any other comes once.
        if each.tag in seen and not (element.repeats and each.tag == last):
            raise ComponentError(
                f"Error parsing file: Element {each.tag} is duplicated at this location in type "
                f"{kind}",
                each,
            )
        seen.add(each.tag)
        last = each.tag
        _check_one(each, element, kind)
    for name, element in known.items():
        if element.needed and name not in seen:
            raise ComponentError(f"Required field is missing: {name}", node)


def _check_one(node: Node, element: Element, kind: str) -> None:
    facts = _facts()
    if element.type == UNSUPPORTED:
        raise unsupported(f"'{node.tag}' of a {kind}", node)
    if element.type in facts["types"]:
        check(node, element.type)
        return
    if node.nodes:
        raise ComponentError(
            f"Error parsing file: Unexpected element {{{NAMESPACE}}}{node.nodes[0].tag} during "
            "simple type deserialization",
            node.nodes[0],
        )
    if element.type in facts["enums"]:
        if node.value not in facts["enums"][element.type]:
            raise ComponentError(
                f"'{node.value}' is not a valid value for the enum '{element.type}'", node
            )
    elif element.type == "boolean" and node.value not in BOOLEANS:
        raise ComponentError(f"'{node.value}' is not a valid value for the type xsd:boolean", node)
    elif element.type == "int" and not _is_int(node.value):
        raise ComponentError(f"'{node.value}' is not a valid value for the type xsd:int", node)
    if element.needed and not node.value:
        raise ComponentError(f"Required field is missing: {node.tag}", node)


def _is_int(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 11 and abs(int(text)) < MAX_INT
