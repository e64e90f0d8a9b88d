"""Holds a query against the schema and turns it into SQL. Values travel as parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_org.schema.model import Field, Schema, SObject
from local_org.soql.conditions import condition_sql
from local_org.soql.tree import Path, Query, error_at

TAIL = (
    " If you are attempting to use a custom field, be sure to append the '__c' after the custom "
    "field name. Please reference your WSDL or the describe call for the appropriate names."
)
NAMED_FIELDS = ("Id", "Name", "Type")
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
    """One column of the result: its path as the schema spells it, and the field behind it."""

    path: tuple[str, ...]
    field: Field
    sql: str


@dataclass(frozen=True)
class Compiled:
    """SQL and parameters; `parents` are the columns that tell whether a parent is there."""

    object: SObject
    outputs: tuple[Output, ...]
    parents: tuple[Output, ...]
    tail: str
    parameters: tuple[Any, ...]
    query: Query

    def select(self, expressions: list[str]) -> str:
        """Give the statement that selects these expressions."""
        return f"select {', '.join(expressions)} {self.tail}"


class Scope:
    """The joins a query needs, made as its paths are looked up."""

    def __init__(self, schema: Schema, target: SObject, query: Query) -> None:
        """Start at the object the query is from."""
        self.schema, self.target, self.query = schema, target, query
        self.joins: dict[tuple[str, ...], tuple[str, SObject | None, tuple[str, ...]]] = {
            (): ("t", target, ())
        }
        self.sql: list[str] = []

    def resolve(self, path: Path) -> Output:
        """Give the column a path names; raises INVALID_FIELD where there is none."""
        names = list(path.names)
        first = names[0].lower()
        own = ((self.query.alias or "").lower(), self.target.name.lower())
        if len(names) > 1 and first in own and not self.target.relationship(names[0]):
            names = names[1:]
        where: tuple[str, ...] = ()
        for name in names[:-1]:
            where = self._join(where, name, path)
        alias, parent, spelled = self.joins[where]
        if parent is None:
            item = next((x for x in NAMED_FIELDS if x.lower() == names[-1].lower()), None)
            if item is None:
                raise self._no_column(path, names[-1], "Name")
            plain = Field(item, item, "id" if item == "Id" else "string")
            return Output((*spelled, item), plain, f'{alias}."{item}"')
        found = parent.field(names[-1])
        if found is None:
            raise self._no_column(path, names[-1], parent.name)
        return Output((*spelled, found.name), found, column_sql(alias, found))

    def _join(self, where: tuple[str, ...], name: str, path: Path) -> tuple[str, ...]:
        alias, parent, spelled = self.joins[where]
        lookup = parent.relationship(name) if parent else None
        if lookup is None or lookup.relationship is None:
            raise error_at(
                "INVALID_FIELD",
                self.query.text,
                path.at,
                f"Didn't understand relationship '{name}' in field path. If you are attempting "
                "to use a custom relationship, be sure to append the '__r' after the custom "
                "relationship name. Please reference your WSDL or the describe call for the "
                "appropriate names.",
            )
        here = (*where, name.lower())
        if here in self.joins:
            return here
        new = f"j{len(self.joins)}"
        source, to = self._parent(lookup)
        self.sql.append(f'left join {source} {new} on {new}."Id" = {alias}."{lookup.name}"')
        self.joins[here] = (new, to, (*spelled, lookup.relationship))
        return here

    def _parent(self, lookup: Field) -> tuple[str, SObject | None]:
        """A lookup to several objects shows only what they share: Id, Name and Type."""
        parents = [self.schema.get(name) for name in lookup.reference_to]
        known = [each for each in parents if each is not None]
        if len(lookup.reference_to) == 1 and known:
            return known[0].table, known[0]
        parts = [
            f'select n."Id", {column_sql("n", name)} as "Name", \'{each.name}\' as "Type" '
            f"from {each.table} n"
            for each in known
            for name in each.fields
            if name.name in ("Name", "Subject") and name.name_field | (name.name == "Subject")
        ]
        return f"({' union all '.join(parts)})", None

    def _no_column(self, path: Path, name: str, entity: str) -> Exception:
        message = f"No such column '{name}' on entity '{entity}'.{TAIL}"
        return error_at("INVALID_FIELD", self.query.text, path.at, message)


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
    return (
        "("
        + item.formula.replace('"FirstName"', f'{alias}."FirstName"').replace(
            '"LastName"', f'{alias}."LastName"'
        )
        + ")"
    )


def compile_query(schema: Schema, query: Query, *, everything: bool) -> Compiled:
    """Compile; `everything` (queryAll) shows what is deleted too."""
    target = schema.get(query.object)
    if target is None:
        raise error_at(
            "INVALID_TYPE",
            query.text,
            query.object_at,
            f"sObject type '{query.object}' is not supported. If you are attempting to use a "
            "custom object, be sure to append the '__c' after the entity name. Please reference "
            "your WSDL or the describe call for the appropriate names.",
        )
    scope = Scope(schema, target, query)
    parameters: list[Any] = []
    outputs = _outputs(scope, query)
    wheres = []
    if query.where is not None:
        wheres.append(condition_sql(scope, query.where, parameters))
    if not everything and target.keeps_deleted:
        wheres.append('not t."IsDeleted"')
    group = [scope.resolve(path).sql for path in query.group]
    order = [
        f"{scope.resolve(key.path).sql} {'desc' if key.descending else 'asc'} "
        f"nulls {'last' if key.nulls_last else 'first'}"
        for key in query.order
    ]
    parents = [
        Output(spelled, Field("Id", "Id", "id"), f'{alias}."Id"')
        for alias, _, spelled in scope.joins.values()
        if spelled and any(output.path[: len(spelled)] == spelled for output in outputs)
    ]
    tail = " ".join(
        [
            f"from {target.table} t",
            *scope.sql,
            f"where {' and '.join(wheres)}" if wheres else "",
            f"group by {', '.join(group)}" if group else "",
            f"order by {', '.join(order)}" if order else "",
            f"limit {query.limit}" if query.limit is not None else "",
            f"offset {query.offset}" if query.offset is not None else "",
        ]
    )
    return Compiled(target, tuple(outputs), tuple(parents), tail, tuple(parameters), query)


def _outputs(scope: Scope, query: Query) -> list[Output]:
    outputs: list[Output] = []
    for item in query.items:
        if item.function is None and item.path is not None:
            outputs.append(scope.resolve(item.path))
            continue
        name = item.alias or f"expr{sum(1 for x in outputs if x.path[0][:4] == 'expr')}"
        inner = scope.resolve(item.path) if item.path else None
        outputs.append(_aggregate(name, item.function or "count", inner))
    return outputs


def _aggregate(name: str, function: str, inner: Output | None) -> Output:
    if inner is None:
        return Output((name,), Field(name, name, "int"), "count(*)")
    if function == "count_distinct":
        return Output((name,), Field(name, name, "int"), f"count(distinct {inner.sql})")
    kind = "int" if function == "count" else inner.field.type
    if function == "avg":
        kind = "double"
    return Output((name,), Field(name, name, kind), f"{function}({inner.sql})")


def text_sql(output: Output) -> str:
    """Give SQL for a value as a CSV result shows it."""
    match output.field.type:
        case "datetime":
            text = f"strftime({output.sql}, '%Y-%m-%dT%H:%M:%S.000Z')"
        case "boolean" | "date" | "int" | "double" | "currency" | "percent":
            text = f"({output.sql})::varchar"
        case _:
            text = output.sql
    return f"coalesce({text}, '')"


def header_names(compiled: Compiled) -> list[str]:
    """Give the result's column names."""
    return [".".join(output.path) for output in compiled.outputs]
