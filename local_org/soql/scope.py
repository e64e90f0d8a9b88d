"""Holds the paths of a query against the schema: the joins they need, the columns they name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_org.schema.model import Field, Schema, SObject
from local_org.soql.reading import Reading
from local_org.soql.tree import Path, Query, error_at, too_complicated
from local_org.store import literal

TAIL = (
    " If you are attempting to use a custom {}, be sure to append the '{}' after the {}. Please "
    "reference your WSDL or the describe call for the appropriate names."
)
NO_COLUMN = TAIL.format("field", "__c", "custom field name")
NO_RELATION = TAIL.format("relationship", "__r", "custom relationship name")
NO_OBJECT = TAIL.format("object", "__c", "entity name")
MAX_PARENTS = 5
MAX_JOINS = 55
# What every parent of a lookup to several objects shows, as the object `Name`.
NAME_FIELDS = {
    each.name: each
    for each in (
        Field("Id", "Name ID", "id", length=18),
        Field("Name", "Name", "string", length=255),
        Field("Type", "Type", "picklist", length=40),
        Field("FirstName", "First Name", "string", length=40),
        Field("LastName", "Last Name", "string", length=80),
        Field("Email", "Email", "email", length=80),
        Field("Phone", "Phone", "phone", length=40),
        Field("Title", "Title", "string", length=128),
        Field("Alias", "Alias", "string", length=8),
        Field("Username", "Username", "string", length=80),
        Field("ProfileId", "Profile ID", "reference", length=18),
        Field("RecordTypeId", "Record Type ID", "reference", length=18),
    )
}
NAME = SObject("Name", "Name", "Names", "", tuple(NAME_FIELDS.values()))
ADDRESS_PARTS = (
    "City",
    "Country",
    "GeocodeAccuracy",
    "Latitude",
    "Longitude",
    "PostalCode",
    "State",
    "Street",
)


@dataclass(frozen=True)
class Output:
    """One column of the result: its path as the schema spells it, and the field behind it.

    `kinds` are the objects the parent must be of for the column to show (TYPEOF), empty for any;
    `call` is the function it is of, as written.
    """

    path: tuple[str, ...]
    field: Field
    sql: str
    kinds: tuple[str, ...] = ()
    call: str | None = None


@dataclass(frozen=True)
class Join:
    """One parent: the alias of its table, its object (`Name` for one of several), its path."""

    alias: str
    object: SObject
    path: tuple[str, ...]


class Scope:
    """The joins a query needs, made as its paths are looked up."""

    def __init__(
        self, schema: Schema, target: SObject, query: Query, reading: Reading | None = None
    ) -> None:
        """Start at the object the query is from."""
        self.schema, self.target, self.query = schema, target, query
        self.reading = reading or Reading()
        self.joins: dict[tuple[str, ...], Join] = {(): Join("t", target, ())}
        self.sql: list[str] = []

    def resolve(self, path: Path) -> Output:
        """Give the column a path names; raises INVALID_FIELD where there is none."""
        names = self._own(path)
        if len(names) > MAX_PARENTS + 1:
            message = f"A relationship path can go no further than {MAX_PARENTS} parents: "
            raise self.wrong("INVALID_FIELD", path.at, message + path.text)
        where: tuple[str, ...] = ()
        for name in names[:-1]:
            where = self._join(where, name, path)
        return self._column(self.joins[where], names[-1], path)

    def parent_of(self, path: Path) -> tuple[Join, Field]:
        """Give where the lookup of a relationship path stands, and the lookup."""
        names = self._own(path)
        where: tuple[str, ...] = ()
        for name in names[:-1]:
            where = self._join(where, name, path)
        return self.joins[where], self._lookup(self.joins[where].object, names[-1], path)

    def resolve_as(self, path: Path, kind: SObject | None, item: Path) -> Output:
        """Give a field of the parent at `path` where it is of one object (None: of any)."""
        owner, lookup = self.parent_of(path)
        key = (*(name.lower() for name in self._own(path)), f"#{kind.name if kind else ''}")
        if key not in self.joins:
            source = kind.table if kind else self._name_rows(lookup)
            spelled = (*owner.path, lookup.relationship or "")
            self._add(key, owner, lookup, source, Join("", kind or NAME, spelled))
        if len(item.names) > 1:
            raise self.wrong("MALFORMED_QUERY", item.at, f"TYPEOF shows own fields: {item.text}")
        return self._column(self.joins[key], item.names[0], item)

    def wrong(self, code: str, at: int, message: str) -> Exception:
        """Give the error of this query at a place."""
        return error_at(code, self.query.text, at, message)

    def _own(self, path: Path) -> list[str]:
        """Give the names of a path without the object's own name or alias before them."""
        names = list(path.names)
        own = ((self.query.alias or "").lower(), self.target.name.lower())
        if len(names) > 1 and names[0].lower() in own and not self.target.relationship(names[0]):
            return names[1:]
        return names

    def _column(self, join: Join, name: str, path: Path) -> Output:
        found = join.object.field(name)
        if found is None:
            message = f"No such column '{name}' on entity '{join.object.name}'.{NO_COLUMN}"
            raise self.wrong("INVALID_FIELD", path.at, message)
        return Output((*join.path, found.name), found, column_sql(join.alias, found))

    def _lookup(self, owner: SObject, name: str, path: Path) -> Field:
        lookup = owner.relationship(name)
        if lookup is None:
            message = f"Didn't understand relationship '{name}' in field path.{NO_RELATION}"
            raise self.wrong("INVALID_FIELD", path.at, message)
        return lookup

    def _join(self, where: tuple[str, ...], name: str, path: Path) -> tuple[str, ...]:
        here = (*where, name.lower())
        if here in self.joins:
            return here
        owner = self.joins[where]
        lookup = self._lookup(owner.object, name, path)
        parent = self.schema.get(lookup.reference_to[0]) if len(lookup.reference_to) == 1 else None
        source = parent.table if parent else self._name_rows(lookup)
        spelled = (*owner.path, lookup.relationship or "")
        self._add(here, owner, lookup, source, Join("", parent or NAME, spelled))
        return here

    def _add(
        self, key: tuple[str, ...], owner: Join, lookup: Field, source: str, made: Join
    ) -> None:
        if len(self.joins) > MAX_JOINS:
            raise too_complicated()
        alias = f"j{len(self.joins)}"
        self.sql.append(
            f'left join {source} {alias} on {alias}."Id" = {owner.alias}."{lookup.name}"'
        )
        self.joins[key] = Join(alias, made.object, made.path)

    def _name_rows(self, lookup: Field) -> str:
        """A lookup to several objects shows only what they share: the fields of `Name`."""
        parents = (self.schema.get(name) for name in lookup.reference_to)
        parts = [_names_of(each) for each in parents if each is not None]
        nothing = ", ".join(f'null::varchar as "{name}"' for name in NAME_FIELDS)
        return f"({' union all '.join(parts or [f'select {nothing} where false'])})"


def _names_of(parent: SObject) -> str:
    shown = next((each for each in parent.fields if each.name_field), parent.field("Subject"))
    columns = []
    for name in NAME_FIELDS:
        item = shown if name == "Name" else parent.field(name)
        value = column_sql("n", item) if item else "null::varchar"
        value = literal(parent.name) if name == "Type" else value
        columns.append(f'{value} as "{name}"')
    return f"select {', '.join(columns)} from {parent.table} n"


def find_target(schema: Schema, query: Query) -> SObject:
    """Give the object a query is from; raises INVALID_TYPE where there is none."""
    target = schema.get(query.object)
    if target is None:
        message = f"sObject type '{query.object}' is not supported.{NO_OBJECT}"
        raise error_at("INVALID_TYPE", query.text, query.object_at, message)
    return target


def column_sql(alias: str, item: Field) -> str:
    """Give SQL for a field of the table under an alias."""
    if item.type == "address":
        stem = item.name.removesuffix("Address")
        parts = {name[0].lower() + name[1:]: f'{alias}."{stem}{name}"' for name in ADDRESS_PARTS}
        listed = ", ".join(f"'{name}': {sql}" for name, sql in parts.items())
        empty = f"coalesce({parts['street']}, {parts['city']}, {parts['state']}, "
        empty += f"{parts['postalCode']}, {parts['country']}) is null"
        return f"case when {empty} then null else {{{listed}}} end"
    if item.formula is None:
        return f'{alias}."{item.name}"'
    return "(" + re.sub(r'"(\w+)"', rf'{alias}."\1"', item.formula) + ")"
