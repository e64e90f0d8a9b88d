"""Holds a query against the schema and turns it into SQL. Values travel as parameters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from local_org.errors import ApiError
from local_org.schema.model import Field, Schema, SObject
from local_org.schema.traits import groupable, sortable
from local_org.soql.conditions import condition_sql, where_parts
from local_org.soql.functions import resolve
from local_org.soql.reading import Reading
from local_org.soql.scope import NO_RELATION, Output, Scope, find_target
from local_org.soql.tree import (
    AGGREGATES,
    SHOWN,
    Call,
    FieldSet,
    Item,
    Operand,
    Path,
    Query,
    TypeOf,
    error_at,
    malformed,
    too_complicated,
)

MAX_OFFSET = 2_000
MAX_FIELD_SET = 200
MAX_CHILDREN = 20
MAX_LEVELS = 5


@dataclass(frozen=True)
class Parent:
    """Tells whether a parent is there: SQL for its Id, and the type its attributes name.

    `type` is None where the Id itself tells: the parents of a TYPEOF.
    """

    path: tuple[str, ...]
    sql: str
    type: str | None


@dataclass(frozen=True)
class Compiled:
    """The parts of the statement, and what its columns are."""

    object: SObject
    outputs: tuple[Output, ...]
    parents: tuple[Parent, ...]
    children: tuple[Child, ...]
    source: str
    where: tuple[str, ...]
    group: str
    order: tuple[str, ...]
    parameters: tuple[Any, ...]
    query: Query

    @property
    def columns(self) -> list[str]:
        """Everything a result holds, as `c0` …: outputs, then parents, then the own Id."""
        found = [*(each.sql for each in self.outputs), *(each.sql for each in self.parents)]
        named = [f"{sql} as c{place}" for place, sql in enumerate(found)]
        return named if self.query.aggregate else [*named, 't."Id" as own']

    def select(self, expressions: list[str]) -> str:
        """Give the statement that selects these expressions."""
        query = self.query
        parts = [
            f"select {', '.join(expressions)} from {self.source}",
            f"where {' and '.join(self.where)}" if self.where else "",
            self.group,
            f"order by {', '.join(self.order)}" if self.order else "",
            f"limit {query.limit}" if query.limit is not None else "",
            f"offset {query.offset}" if query.offset is not None else "",
        ]
        return " ".join(part for part in parts if part)

    def select_rows(self) -> str:
        """Give the statement that selects one row for each record, to be counted."""
        return replace(self, order=()).select(["1"])


@dataclass(frozen=True)
class Child:
    """A query for the children of each record: the name of the relationship and its lookup."""

    name: str
    lookup: Field
    compiled: Compiled

    def select(self) -> str:
        """Give the statement for the children of many parents at once.

        Its first parameters are the parents' Ids, then those of the query, then the numbers of the
        first and the last child wanted of each parent. Behind a child's columns stand its parent's
        Id and the number of children that parent has.
        """
        query, compiled = self.compiled.query, self.compiled
        link = f't."{self.lookup.name}"'
        order = ", ".join((*compiled.order, 't."Id"'))
        skipped = query.offset or 0
        most = f"least(m, {skipped + query.limit})" if query.limit is not None else "m"
        where = " and ".join((f"{link} in (select unnest(?::varchar[]))", *compiled.where))
        return (
            f"select * exclude (n, m), greatest(0, {most} - {skipped}) as many from ("
            f"select {', '.join(compiled.columns)}, {link} as parent, "
            f"row_number() over (partition by {link} order by {order}) as n, "
            f"count(*) over (partition by {link}) as m from {compiled.source} where {where}) "
            f"where n > {skipped} and n <= {most} and n - {skipped} between ? and ? "
            "order by parent, n"
        )


def compile_query(
    schema: Schema, query: Query, *, everything: bool = False, reading: Reading | None = None
) -> Compiled:
    """Compile; `everything` (queryAll) shows what is deleted and archived too."""
    reading = reading or Reading(everything)
    return _compile(schema, find_target(schema, query), query, reading, 1)


def _compile(
    schema: Schema, target: SObject, query: Query, reading: Reading, level: int
) -> Compiled:
    if query.offset is not None and query.offset > MAX_OFFSET:
        message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
    scope = Scope(schema, target, query, reading)
    parameters: list[Any] = []
    chosen = _chosen(scope)
    group = [_groupable(scope, operand) for operand in query.group]
    outputs = _aggregated(scope, chosen, group) if query.aggregate else _listed(chosen)
    typed = _typed_parents(scope)
    order = tuple(
        _order_sql(scope, key.operand, group, key.descending, key.nulls_last) for key in query.order
    )
    where = where_parts(scope, parameters)
    grouped = ", ".join(group)
    grouped = f"{query.grouping}({grouped})" if query.grouping else grouped
    having = condition_sql(scope, query.having, parameters) if query.having else ""
    children = _children(scope, level)
    return Compiled(
        target,
        outputs,
        () if query.aggregate else (*_parents(scope, outputs), *typed),
        children,
        " ".join([f"{target.table} t", *scope.sql]),
        tuple(where),
        " ".join(
            [f"group by {grouped}" if group else "", f"having {having}" if having else ""]
        ).strip(),
        order,
        tuple(parameters),
        query,
    )


def _chosen(scope: Scope) -> list[tuple[Item | None, Output]]:
    """Give the columns selected, in order, each with the item that named it alone."""
    chosen: list[tuple[Item | None, Output]] = []
    for item in scope.query.items:
        if isinstance(item, Item):
            if item.alias and isinstance(item.operand, Path) and not scope.query.aggregate:
                message = "only aggregate expressions use field aliasing"
                raise scope.wrong("MALFORMED_QUERY", item.alias_at, message)
            chosen.append((item, resolve(scope, item.operand)))
        elif isinstance(item, FieldSet):
            chosen += [(None, each) for each in _field_set(scope, item)]
        elif isinstance(item, TypeOf):
            chosen += [(None, each) for each in _typeof(scope, item)]
    return chosen


def _field_set(scope: Scope, item: FieldSet) -> list[Output]:
    limit = scope.query.limit
    if item.word != "standard" and (limit is None or limit > MAX_FIELD_SET):
        message = f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELD_SET}"
        raise scope.wrong("MALFORMED_QUERY", item.at, message)
    wanted = {"standard": (False,), "custom": (True,), "all": (False, True)}[item.word]
    fields = [each for each in scope.target.fields if each.custom in wanted]
    return [scope.resolve(Path((each.name,), item.at)) for each in fields]


def _typeof(scope: Scope, item: TypeOf) -> list[Output]:
    _, lookup = scope.parent_of(item.path)
    if not lookup.polymorphic:
        message = f"TYPEOF takes a relationship to several objects: {item.path.text}"
        raise scope.wrong("MALFORMED_QUERY", item.path.at, message)
    outputs = []
    rest = set(lookup.reference_to)
    for branch in item.branches:
        kind = scope.schema.get(branch.object)
        if kind is None or kind.name not in rest:
            message = f"'{branch.object}' is not an object that {item.path.text} can be of"
            raise scope.wrong("INVALID_TYPE", branch.at, message)
        rest.discard(kind.name)
        outputs += [
            replace(scope.resolve_as(item.path, kind, path), kinds=(kind.name,))
            for path in branch.paths
        ]
    outputs += [
        replace(scope.resolve_as(item.path, None, path), kinds=tuple(rest) or ("",))
        for path in item.otherwise
    ]
    return outputs


def _typed_parents(scope: Scope) -> list[Parent]:
    """Give the parents of TYPEOF: there where a branch was made for them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for key, join in scope.joins.items():
        if key and key[-1].startswith("#"):
            found.setdefault(join.path, []).append(f'{join.alias}."Id"')
    return [Parent(path, f"coalesce({', '.join(ids)})", None) for path, ids in found.items()]


def _parents(scope: Scope, outputs: tuple[Output, ...]) -> list[Parent]:
    return [
        Parent(join.path, f'{join.alias}."Id"', join.object.name)
        for key, join in scope.joins.items()
        if key
        and not key[-1].startswith("#")
        and any(output.path[: len(join.path)] == join.path for output in outputs)
    ]


def _listed(chosen: list[tuple[Item | None, Output]]) -> tuple[Output, ...]:
    """Give the columns of records; a function that shows a value another way may have an alias."""
    outputs = []
    for item, output in chosen:
        if item is not None and item.alias:
            output = replace(output, path=(item.alias,))
        outputs.append(output)
    named = Counter(each.path for each in outputs if not each.kinds)
    twice = next((path for path, count in named.items() if count > 1), None)
    if twice is not None:
        raise malformed(f"duplicate field selected: {'.'.join(twice)}")
    return tuple(outputs)


def _aggregated(
    scope: Scope, chosen: list[tuple[Item | None, Output]], group: list[str]
) -> tuple[Output, ...]:
    """Give the columns of an aggregate: each grouped or aggregated, under its alias."""
    outputs: list[Output] = []
    unnamed = 0
    if scope.query.children or any(item is None for item, _ in chosen):
        raise malformed("Grouped query cannot use child relationships in the SELECT list")
    for item, output in chosen:
        assert item is not None
        call = item.operand if isinstance(item.operand, Call) else None
        if not (call and call.function in (*AGGREGATES, "grouping")) and output.sql not in group:
            message = f"Field must be grouped or aggregated: {_named(item.operand)}"
            raise scope.wrong("MALFORMED_QUERY", item.operand.at, message)
        name = item.alias
        if name is None and call and call.function not in SHOWN:
            name = f"expr{unnamed}"
            unnamed += 1
        name = name or output.path[-1]
        if any(each.path == (name,) for each in outputs):
            raise scope.wrong("MALFORMED_QUERY", item.operand.at, f"duplicate alias: {name}")
        outputs.append(replace(output, path=(name,)))
    return tuple(outputs)


def _named(operand: Operand) -> str:
    return operand.path.text if isinstance(operand, Call) and operand.path else operand.text


def _groupable(scope: Scope, operand: Operand) -> str:
    column = resolve(scope, operand)
    if isinstance(operand, Path) and not groupable(column.field):
        message = f"field '{column.field.name}' can not be grouped in a query call"
        raise scope.wrong("MALFORMED_QUERY", operand.at, message)
    return column.sql


def _order_sql(
    scope: Scope, operand: Operand, group: list[str], descending: bool, nulls_last: bool
) -> str:
    column = resolve(scope, operand)
    aggregated = isinstance(operand, Call) and operand.function in (*AGGREGATES, "grouping")
    if isinstance(operand, Path) and not sortable(column.field):
        message = f"field '{column.field.name}' can not be sorted in a query call"
        raise scope.wrong("MALFORMED_QUERY", operand.at, message)
    if scope.query.aggregate and not aggregated and column.sql not in group:
        message = f"Ordered field must be grouped or aggregated: {_named(operand)}"
        raise scope.wrong("MALFORMED_QUERY", operand.at, message)
    if aggregated and not scope.query.aggregate:
        message = f"Ordering by {operand.text} takes a query that groups"
        raise scope.wrong("MALFORMED_QUERY", operand.at, message)
    item = column.field
    folds = item.stored_as == "VARCHAR" and item.type not in ("id", "reference")
    sql = f"lower({column.sql})" if folds and not item.case_sensitive else column.sql
    return f"{sql} {'desc' if descending else 'asc'} nulls {'last' if nulls_last else 'first'}"


def _children(scope: Scope, level: int) -> tuple[Child, ...]:
    queries = scope.query.children
    if queries and level >= MAX_LEVELS:
        raise malformed(f"Child relationship queries go no deeper than {MAX_LEVELS} levels")
    if len(queries) > MAX_CHILDREN:
        raise too_complicated()
    made = [_child(scope, query, level) for query in queries]
    if len({each.name for each in made}) < len(made):
        raise malformed("Cannot select one child relationship twice")
    return tuple(made)


def _child(scope: Scope, query: Query, level: int) -> Child:
    wanted = query.object.lower()
    found = next(
        (
            (child, lookup, lookup.child_relationship)
            for child, lookup in scope.schema.children(scope.target.name)
            if (lookup.child_relationship or "").lower() == wanted
        ),
        None,
    )
    if found is None:
        message = f"Didn't understand relationship '{query.object}' in FROM part of query call."
        raise error_at("INVALID_TYPE", query.text, query.object_at, message + NO_RELATION)
    child, lookup, name = found
    if query.aggregate:
        raise malformed("Child relationship queries cannot count, sum or group")
    return Child(name or "", lookup, _compile(scope.schema, child, query, scope.reading, level + 1))
