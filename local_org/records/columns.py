"""Binds headers (`LastName`, `Account.Migration_Key__c`, `Contact:Who.Key__c`) to fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from local_org.schema.model import Field, Schema, SObject


@dataclass(frozen=True)
class Column:
    """One column of a set of rows: its place, its field, and the parent it names by key."""

    place: int
    header: str
    field: Field
    parent: SObject | None = None
    parent_key: Field | None = None


class HeaderError(Exception):
    """A header that cannot be used; the text is what Bulk API puts behind `InvalidBatch : `."""

    def __init__(self, message: str, header: str) -> None:
        """Take the message and the header it is about."""
        super().__init__(message)
        self.header = header


def bind(view: Schema, target: SObject, headers: Sequence[str]) -> tuple[Column, ...]:
    """Give the columns of `headers` on the object; the first that does not bind raises."""
    columns = tuple(_bind_one(view, target, place, name) for place, name in enumerate(headers))
    seen: set[str] = set()
    for column in columns:
        if column.field.name in seen:
            raise HeaderError(f"Duplicate field name found : {column.header}", column.header)
        seen.add(column.field.name)
    return columns


def _bind_one(view: Schema, target: SObject, place: int, header: str) -> Column:
    if "." in header:
        return _bind_relationship(view, target, place, header)
    item = target.field(header)
    if item is None or not item.stored:
        raise HeaderError(f"Field name not found : {header}", header)
    return Column(place, header, item)


def _bind_relationship(view: Schema, target: SObject, place: int, header: str) -> Column:
    path, _, key_name = header.partition(".")
    kind, colon, name = path.rpartition(":")
    lookup = target.relationship(name)
    if lookup is None:
        if colon:
            raise HeaderError(f"Unable to find relationship: {name}", header)
        raise HeaderError(f"Field name not found : {header}", header)
    if colon and not lookup.polymorphic:
        message = f"type is not needed for non polymorphic foreign key references: {name}"
        raise HeaderError(message, header)
    if lookup.polymorphic and not colon:
        raise HeaderError(f"Field name not found : {header}", header)
    wanted = kind or lookup.reference_to[0]
    named = {each.lower() for each in lookup.reference_to}
    parent = view.get(wanted) if wanted.lower() in named else None
    if parent is None:
        raise HeaderError(f"Unable to find relationship: {name}", header)
    key = parent.field(key_name)
    if key is None or not key.key or not key.stored:
        raise HeaderError(f"Field name not found : {header}", header)
    return Column(place, header, lookup, parent, key)
