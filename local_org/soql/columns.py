"""`/query?columns=true`: what a query would select, told instead of its rows."""

from __future__ import annotations

from typing import Any

from local_org.schema.model import Field, Schema, SObject
from local_org.soql.compile import Compiled
from local_org.soql.scope import Output
from local_org.soql.tree import AGGREGATES, Call, Item

NUMBERS = {"int": "Integer", "double": "Double", "currency": "Double", "percent": "Double"}
APEX = {
    **NUMBERS,
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "date": "Date",
    "datetime": "Datetime",
    "address": "Address",
    "base64": "Blob",
}


def query_columns(schema: Schema, compiled: Compiled) -> dict[str, Any]:
    """Give the answer: one entry a column, a parent's or the children's within theirs."""
    return {
        "columnMetadata": _columns(schema, compiled),
        "entityName": compiled.object.name,
        "groupBy": bool(compiled.query.group),
        "idSelected": any(output.path == ("Id",) for output in compiled.outputs),
        "keyPrefix": compiled.object.prefix,
    }


def _columns(schema: Schema, compiled: Compiled) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = []
    if compiled.query.bare_count:
        return columns
    shown = _shown_as(compiled)
    for place, output in enumerate(compiled.outputs):
        if place in shown:
            columns.append(_aggregate(output, shown[place]))
        else:
            _place(columns, schema, compiled.object, output.path, output.field)
    for child in compiled.children:
        within = _columns(schema, child.compiled)
        columns.append(_entry(child.name, aggregate=True, joinColumns=within))
    return columns


def _shown_as(compiled: Compiled) -> dict[int, str]:
    """Give how each aggregate of the query is written, by its place."""
    if not compiled.query.aggregate:
        return {}
    operands = [item.operand for item in compiled.query.items if isinstance(item, Item)]
    return {
        place: f"{operand.function}({operand.path.text if operand.path else ''})"
        for place, operand in enumerate(operands)
        if isinstance(operand, Call) and operand.function in AGGREGATES
    }


def _place(
    columns: list[dict[str, Any]],
    schema: Schema,
    owner: SObject | None,
    path: tuple[str, ...],
    item: Field,
) -> None:
    name, *rest = path
    if not rest:
        columns.append(_column(name, item))
        return
    lookup = owner.relationship(name) if owner else None
    joined = next((each for each in columns if each["columnName"] == name), None)
    if joined is None:
        joined = _entry(name, foreignKeyName=lookup.name if lookup else None)
        columns.append(joined)
    several = lookup is None or len(lookup.reference_to) != 1
    parent = None if lookup is None or several else schema.get(lookup.reference_to[0])
    _place(joined["joinColumns"], schema, parent, tuple(rest), item)


def _column(name: str, item: Field) -> dict[str, Any]:
    apex = APEX.get(item.type, "String")
    return _entry(
        name,
        apexType=apex,
        booleanType=item.type == "boolean",
        custom=item.custom,
        insertable=item.createable,
        numberType=item.type in NUMBERS,
        textType=apex == "String",
        updatable=item.updateable,
    )


def _aggregate(output: Output, shown: str) -> dict[str, Any]:
    numeric = output.field.type in NUMBERS
    return _entry(output.path[0], aggregate=True, displayName=shown, numberType=numeric)


def _entry(name: str, **more: Any) -> dict[str, Any]:
    """Give a column that is nothing but a name, and what more is said of it."""
    return {
        "aggregate": False,
        "apexType": None,
        "booleanType": False,
        "columnName": name,
        "custom": False,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
        **more,
    }
