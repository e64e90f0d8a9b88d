"""The org's metadata as it would be after a deploy: read once, changed step by step, then kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from local_org.metadata.xml import Node
from local_org.schema.build import ACTIVITIES, custom_object
from local_org.schema.model import Field, SObject, field_from_json
from local_org.schema.standard import standard_objects
from local_org.switches import Switches

ACTIVITY = "Activity"
Key = tuple[str, str]


@dataclass
class Draft:
    """The custom metadata as it would be. `components` are the definitions as they were sent."""

    objects: dict[str, dict[str, Any]]
    fields: dict[str, dict[str, Field]]
    value_sets: dict[str, tuple[str, ...]]
    components: dict[Key, Any]
    stored: frozenset[Key]
    permission_sets: dict[str, Node] = field(default_factory=dict)
    record_types: dict[str, Node] = field(default_factory=dict)
    deleted: list[Key] = field(default_factory=list)

    def note(self, kind: str, name: str, node: Node) -> tuple[bool, bool]:
        """Take a component's definition; tells whether it is new, and whether it differs."""
        definition = node.as_json()
        before = self.components.get((kind, name))
        self.components[kind, name] = definition
        return before is None, before != definition

    def has(self, kind: str, name: str) -> bool:
        """Whether there is such a component."""
        return (kind, name) in self.components

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        return name in self.objects or _standard(name) is not None

    def sobject(self, name: str) -> SObject | None:
        """Give an object with all its fields."""
        own = self.fields_of(name)
        if name in self.objects:
            return custom_object(self.objects[name], own.values())
        found = _standard(name)
        return replace(found, fields=(*found.fields, *own.values())) if found else None

    def fields_of(self, name: str) -> dict[str, Field]:
        """Give the custom fields of an object; Event and Task have Activity's."""
        return self.fields.get(ACTIVITY if name in ACTIVITIES else name, {})

    def children(self, parent: str) -> Iterator[tuple[str, Field]]:
        """Give the custom lookups that point at an object, with the object they are on."""
        for owner, fields in self.fields.items():
            for each in fields.values():
                if parent in each.reference_to:
                    yield owner, each

    def masters(self, name: str) -> list[Field]:
        """Give an object's master-detail fields."""
        found = self.fields.get(name, {}).values()
        return [each for each in found if each.metadata_type == "MasterDetail"]


def _standard(name: str) -> SObject | None:
    found = standard_objects().get(name.lower())
    return found if found and found.name == name else None


@dataclass(frozen=True)
class Work:
    """What a step works with."""

    cursor: duckdb.DuckDBPyConnection
    draft: Draft
    switches: Switches

    def tables(self, owner: str) -> tuple[str, ...]:
        """Give the tables that hold an object's records: Activity's are Event and Task."""
        return ACTIVITIES if owner == ACTIVITY else (owner,)

    def any_row(self, owner: str, condition: str) -> bool:
        """Whether a record of an object meets a condition in SQL."""
        return any(
            self.cursor.execute(
                f'select 1 from data."{table}" where {condition} limit 1'
            ).fetchone()
            for table in self.tables(owner)
        )


def read_draft(cursor: duckdb.DuckDBPyConnection) -> Draft:
    """Read the custom metadata as it is."""
    objects = {
        name: json.loads(text)
        for name, text in cursor.execute("from org.custom_objects order by rowid").fetchall()
    }
    fields: dict[str, dict[str, Field]] = {}
    rows = cursor.execute("from org.custom_fields order by rowid").fetchall()
    for owner, name, text in rows:
        fields.setdefault(owner, {})[name] = field_from_json(json.loads(text))
    sets = cursor.execute("from org.value_sets").fetchall()
    components = cursor.execute("select type, name, definition from org.components").fetchall()
    return Draft(
        objects=objects,
        fields=fields,
        value_sets={name: tuple(json.loads(text)) for name, text in sets},
        components={(kind, name): json.loads(text) for kind, name, text in components},
        stored=frozenset((owner, name) for owner, name, _ in rows),
    )
