"""What each column of one query is made of: sqlglot parses it, one walk resolves every name.

sqlglot's own `lineage` qualifies the whole query again for each column; here every subquery is
resolved once, so a project takes seconds. What it shows is what sqlglot's shows, the expressions a
column is made of, its cases, windows and orderings too, but no `where`. Beyond it, a column of a
joined relation has what the join compared, fields of a struct are told apart, and each origin says
whether its value may arrive or only decides which one does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import sqlglot
from sqlglot import exp

from loaders.lineage.positions import parts
from loaders.lineage.upstream import (
    Origin,
    Role,
    Upstream,
    compared,
    deciding,
    merged,
    packed,
    within,
    within_all,
)

# The columns of a relation the query reads, in order; None where only its name is known.
Known = Callable[[str], "list[str] | None"]


class UnresolvedError(ValueError):
    """A name that no relation of its query has."""


@dataclass(frozen=True)
class _Relation:
    """Something in a FROM. An open one has every column it is asked for."""

    columns: dict[str, Upstream] = field(default_factory=dict)
    leaf: str | None = None
    every: Upstream | None = None
    joined_on: Upstream = field(default_factory=dict)

    def get(self, column: str) -> Upstream | None:
        if column in self.columns:
            found = self.columns[column]
        elif self.every is not None:
            found = self.every
        elif self.leaf is not None:
            found = {Origin(self.leaf, column): Role.ARRIVES}
        else:
            return None
        return merged([found, self.joined_on]) if self.joined_on else found

    @property
    def is_open(self) -> bool:
        return self.every is not None or self.leaf is not None

    def whole(self) -> Upstream:
        return merged([*self.columns.values(), self.every or {}, self.joined_on])


@dataclass
class _Scope:
    """What the names of one SELECT may mean."""

    ctes: dict[str, _Relation]
    outer: "_Scope | None" = None
    sources: dict[str, _Relation] = field(default_factory=dict)
    aliases: dict[str, Upstream] = field(default_factory=dict)
    windows: dict[str, exp.Expr] = field(default_factory=dict)
    merged: set[str] = field(default_factory=set)


def columns_of(sql: str, known: Known) -> dict[str, Upstream]:
    """What each column of the query is made of, by its name in lower case, in order.

    Raises UnresolvedError at a name it cannot follow, sqlglot's ParseError at SQL it cannot read.
    """
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    return _Resolver(known).query(tree, _Scope({})).columns


def relation_name(table: exp.Expr) -> str:
    """One spelling for a relation: its dotted name, or the call of the function it is read by."""
    if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier):
        return ".".join(part.name.lower() for part in table.parts)
    plain = table.this if isinstance(table, exp.Table) else table
    return plain.sql(dialect="duckdb")


class _Resolver:
    def __init__(self, known: Known) -> None:
        self.known = known

    def query(self, node: exp.Expr, outer: _Scope) -> _Relation:
        """The columns of a query; `outer` has the CTEs it sees and what it may correlate with."""
        scope = _Scope(dict(outer.ctes), outer.outer if not outer.sources else outer)
        if with_ := node.args.get("with_"):
            for cte in with_.expressions:
                recursive = bool(with_.args.get("recursive"))
                scope.ctes[cte.alias.lower()] = self._cte(cte, scope, recursive)
        if isinstance(node, exp.Subquery):
            return self.query(node.this, scope)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, scope)
        if isinstance(node, exp.Values):
            return self._values(node, scope)
        if isinstance(node, exp.Select):
            return self._select(node, scope)
        raise UnresolvedError(f"a query that is a {node.key}")

    def _cte(self, cte: exp.CTE, scope: _Scope, recursive: bool) -> _Relation:
        named = [name.name.lower() for name in cte.args["alias"].columns]
        body = cte.this
        if not (recursive and isinstance(body, exp.SetOperation)):
            return _renamed(self.query(body, scope), named)
        # The first branch names the columns; the rest adds until it adds nothing more.
        found = _renamed(self.query(body.left, scope), named)
        while True:
            scope.ctes[cte.alias.lower()] = found
            again = _renamed(self.query(body, scope), named)
            if again.columns == found.columns:
                return found
            found = again

    def _set_operation(self, node: exp.SetOperation, scope: _Scope) -> _Relation:
        left, right = self.query(node.left, scope), self.query(node.right, scope)
        if node.args.get("by_name"):
            names = dict.fromkeys([*left.columns, *right.columns])
            return _Relation(
                {n: merged([left.columns.get(n, {}), right.columns.get(n, {})]) for n in names}
            )
        if len(left.columns) != len(right.columns):
            raise UnresolvedError("a union of queries with different numbers of columns")
        pairs = zip(left.columns.items(), right.columns.values(), strict=True)
        return _Relation({name: merged([a, b]) for (name, a), b in pairs})

    def _values(self, node: exp.Values, scope: _Scope) -> _Relation:
        rows = [row.expressions for row in node.expressions]
        columns = [
            merged([self.made_of(cell, scope) for cell in cells])
            for cells in zip(*rows, strict=True)
        ]
        made = _Relation({f"col{n}": column for n, column in enumerate(columns)})
        alias = node.args.get("alias")
        return _renamed(made, [name.name.lower() for name in alias.columns] if alias else [])

    def _select(self, node: exp.Select, scope: _Scope) -> _Relation:
        if from_ := node.args.get("from_"):
            self._add_source(from_.this, scope)
        for join in node.args.get("joins") or ():
            self._add_join(join, scope)
        scope.windows = {w.this.name.lower(): w for w in node.args.get("windows") or ()}
        columns: dict[str, Upstream] = {}
        for projection in node.expressions:
            for name, upstream in self._projected(projection, scope):
                # Two columns of one name come of a star over a join by USING.
                columns.setdefault(name, upstream)
                scope.aliases.setdefault(name, upstream)
        return _Relation(columns)

    def _add_join(self, join: exp.Join, scope: _Scope) -> None:
        name = self._add_source(join.this, scope)
        using = [column.name.lower() for column in join.args.get("using") or ()]
        scope.merged.update(using)
        conditions = [self._named([column], scope) for column in using]
        if on := join.args.get("on"):
            conditions.append(self.made_of(on, scope))
        scope.sources[name] = replace(scope.sources[name], joined_on=compared(merged(conditions)))

    def _add_source(self, node: exp.Expr, scope: _Scope) -> str:
        """Adds a relation to the scope; gives the name it goes by there."""
        inner = node.this if isinstance(node, exp.Paren) else node
        relation, name = self._source(inner, scope)
        alias = inner.args.get("alias")
        if alias:
            name = alias.name.lower() or name
            relation = _renamed(relation, [c.name.lower() for c in alias.columns])
        name = name or f"_{len(scope.sources)}"
        scope.sources[name] = relation
        for join in inner.args.get("joins") or ():
            self._add_join(join, scope)
        return name

    def _source(self, node: exp.Expr, scope: _Scope) -> tuple[_Relation, str]:
        if isinstance(node, exp.Table):
            if isinstance(node.this, exp.Identifier) and not node.args.get("db"):
                cte = scope.ctes.get(node.name.lower())
                if cte is not None:
                    return cte, node.name.lower()
            if isinstance(node.this, exp.Identifier) or _reads_files(node.this):
                return self._leaf(relation_name(node)), node.name.lower()
            return _Relation(every=self.made_of(node.this, scope)), ""
        if isinstance(node, exp.Unnest):
            lists = [self.made_of(each, scope) for each in node.expressions]
            return _Relation(every=merged(lists)), "unnest"
        if isinstance(node, exp.Lateral):
            inner = node.this
            if isinstance(inner, exp.Subquery | exp.Query):
                return self.query(inner, scope), ""
            return _Relation(every=self.made_of(inner, scope)), ""
        return self.query(node, scope), ""

    def _leaf(self, name: str) -> _Relation:
        columns = self.known(name)
        if columns is None:
            return _Relation(leaf=name)
        return _Relation({column: {Origin(name, column): Role.ARRIVES} for column in columns})

    def _projected(self, node: exp.Expr, scope: _Scope) -> Iterator[tuple[str, Upstream]]:
        star = node.this if isinstance(node, exp.Column) else node
        if isinstance(star, exp.Star):
            yield from self._starred(star, node, scope)
            return
        yield node.alias_or_name.lower(), self.made_of(node, scope)

    def _starred(
        self, star: exp.Star, node: exp.Expr, scope: _Scope
    ) -> Iterator[tuple[str, Upstream]]:
        table = node.table.lower() if isinstance(node, exp.Column) else ""
        if table and table not in scope.sources:
            raise UnresolvedError(f"{table}.*")
        left_out = {column.name.lower() for column in star.args.get("except_") or ()}
        replaced = {
            alias.alias.lower(): self.made_of(alias, scope)
            for alias in star.args.get("replace") or ()
        }
        renamed = {
            alias.this.name.lower(): alias.alias.lower() for alias in star.args.get("rename") or ()
        }
        for relation in [scope.sources[table]] if table else scope.sources.values():
            if relation.is_open and not relation.columns:
                raise UnresolvedError(f"a star over {relation.leaf or 'a table function'}")
            for name in relation.columns:
                if name not in left_out:
                    upstream = replaced.get(name) or relation.get(name) or {}
                    yield renamed.get(name, name), upstream

    def made_of(self, node: exp.Expr, scope: _Scope) -> Upstream:
        """What an expression is made of."""
        if isinstance(node, exp.Column):
            return self._named([part.name.lower() for part in node.parts], scope)
        if isinstance(node, exp.Query):
            return self.query(node, scope).whole()
        if isinstance(node, exp.Window) and node.args.get("alias"):
            named = scope.windows[node.args["alias"].name.lower()]
            over = deciding(merged([self.made_of(p, scope) for p, _ in parts(named)]))
            return merged([self.made_of(node.this, scope), over])
        if isinstance(node, exp.Struct):
            return self._struct(node, scope)
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
            return within(self.made_of(node.this, scope), node.expression.name.lower())
        found = [(self.made_of(part, scope), arrives) for part, arrives in parts(node)]
        values = merged([upstream for upstream, arrives in found if arrives])
        conditions = merged([upstream for upstream, arrives in found if not arrives])
        if not values and isinstance(node, exp.Case | exp.If):
            # `case status when '1' then 'Active'`: the words are the status, told otherwise.
            return conditions
        return merged([values, deciding(conditions)])

    def _struct(self, node: exp.Struct, scope: _Scope) -> Upstream:
        found = []
        for member in node.expressions:
            upstream = self.made_of(member, scope)
            named = isinstance(member, exp.PropertyEQ)
            found.append(packed(upstream, member.this.name.lower()) if named else upstream)
        return merged(found)

    def _named(self, name: list[str], scope: _Scope) -> Upstream:
        """A dotted name: of a source, a column, or a field within one."""
        current: _Scope | None = scope
        while current is not None:
            found = self._named_in(name, current)
            if found is not None:
                return found
            current = current.outer
        raise UnresolvedError(".".join(name))

    def _named_in(self, name: list[str], scope: _Scope) -> Upstream | None:
        if len(name) > 1 and name[0] in scope.sources:
            found = scope.sources[name[0]].get(name[1])
            if found is not None:
                return within_all(found, name[2:])
            if not any(name[0] in source.columns for source in scope.sources.values()):
                return None
        found = self._column(name[0], scope)
        return None if found is None else within_all(found, name[1:])

    def _column(self, name: str, scope: _Scope) -> Upstream | None:
        """A bare name: a column, an alias of the same SELECT, a whole row; at last a column of
        something whose columns nobody declared."""
        holders = [s.get(name) or {} for s in scope.sources.values() if name in s.columns]
        if holders:
            return merged(holders) if name in scope.merged else holders[0]
        if name in scope.aliases:
            return scope.aliases[name]
        if name in scope.sources:
            return scope.sources[name].whole()
        opened = (source.get(name) for source in scope.sources.values() if source.is_open)
        return next(opened, None)


def _renamed(relation: _Relation, names: list[str]) -> _Relation:
    """The same columns under an alias's names."""
    if not names:
        return relation
    if relation.columns:
        old = list(relation.columns.items())
        new = [*names, *(name for name, _ in old[len(names) :])]
        return _Relation(dict(zip(new, (upstream for _, upstream in old), strict=True)))
    every = relation.every or {}
    return _Relation(dict.fromkeys(names, every))


def _reads_files(node: exp.Expr) -> bool:
    return isinstance(node, exp.ReadParquet | exp.ReadCSV) or node.name.lower() == "read_json"
