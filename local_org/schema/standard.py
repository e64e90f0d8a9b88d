"""Reads the standard objects from `standard_objects.yml` and `standard_fields.csv`.

`standard_children.csv` says what the children by a lookup are called; most have no name.

A field's flags: N nillable, C createable, U updateable, D defaulted on create, L idLookup,
R restricted picklist, F name field, Q unique, M must be given though it is nillable.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from local_org.schema.model import Field, SObject

HERE = Path(__file__).parent


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _read_field(row: Mapping[str, str]) -> Field:
    flags = row["flags"]
    # A value whose label is another text stands as `value=label`.
    picked = [value.partition("=") for value in _split(row["values"])]
    labels = tuple(label or value for value, _, label in picked)
    return Field(
        name=row["name"],
        label=row["label"],
        type=row["type"],
        length=int(row["length"] or 0),
        precision=int(row["precision"] or 0),
        scale=int(row["scale"] or 0),
        digits=int(row["digits"] or 0),
        nillable="N" in flags,
        createable="C" in flags,
        updateable="U" in flags,
        defaulted="D" in flags,
        id_lookup="L" in flags,
        restricted="R" in flags,
        name_field="F" in flags,
        unique="Q" in flags,
        must="M" in flags,
        reference_to=_split(row["reference_to"]),
        relationship=row["relationship"] or None,
        compound=row["compound"] or None,
        values=tuple(value for value, _, _ in picked),
        labels=labels if any(label for _, _, label in picked) else (),
        default=row["default"] or None,
        formula=row["formula"] or None,
    )


@cache
def standard_objects() -> Mapping[str, SObject]:
    """Give the standard objects by lower-case name."""
    with (HERE / "standard_children.csv").open(encoding="utf-8", newline="") as lines:
        children = {(row["object"], row["field"]): row["children"] for row in csv.DictReader(lines)}
    fields: dict[str, list[Field]] = {}
    with (HERE / "standard_fields.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            item = replace(
                _read_field(row), child_relationship=children.get((row["object"], row["name"]))
            )
            fields.setdefault(row["object"], []).append(item)
    facts = yaml.safe_load((HERE / "standard_objects.yml").read_text(encoding="utf-8"))
    cascades = {
        (name, lookup): rule
        for name, each in facts.items()
        for lookup, rule in each.pop("on_delete", {}).items()
    }
    return {
        name.lower(): SObject(
            name=name,
            fields=tuple(
                _with_rule(item, cascades.get((name, item.name))) for item in fields[name]
            ),
            unique_together=tuple(each.pop("unique_together", ())),
            **each,
        )
        for name, each in facts.items()
    }


def _with_rule(item: Field, rule: str | None) -> Field:
    return replace(item, on_delete=rule) if rule else item
